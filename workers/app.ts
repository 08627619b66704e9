// All doors, mounted. The order of the middleware is the order of trust: an id for the request, a cap on its body, settings,
// a proven caller with a scope, a body that is text, idempotency, and only then a handler. What is open is listed here and nowhere else.
import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import { CALLBACK_PATH, DOORS } from "./config.ts";
import type { AppEnv } from "./context.ts";
import { onError, onInvalid, onNotFound, unwrap } from "./errors.ts";
import { authenticate } from "./middleware/auth.ts";
import { limitBody } from "./middleware/body-limit.ts";
import { idempotency } from "./middleware/idempotency.ts";
import { requestId } from "./middleware/request-id.ts";
import { securityHeaders } from "./middleware/security-headers.ts";
import { wellFormedBody } from "./middleware/well-formed.ts";
import { BEARER, contractOf } from "./openapi.ts";
import { agents } from "./routes/agents.ts";
import { apiKeys } from "./routes/api-keys.ts";
import { approvals } from "./routes/approvals.ts";
import { auth } from "./routes/auth.ts";
import { budget } from "./routes/budget.ts";
import { callbacks } from "./routes/callbacks.ts";
import { capabilities } from "./routes/capabilities.ts";
import { chat } from "./routes/chat.ts";
import { context } from "./routes/context.ts";
import { contextMove } from "./routes/context-move.ts";
import { docsOf } from "./routes/docs.ts";
import { engineRuns } from "./routes/engine-runs.ts";
import { engineWork } from "./routes/engine-work.ts";
import { health } from "./routes/health.ts";
import { hosts } from "./routes/hosts.ts";
import { incidents } from "./routes/incidents.ts";
import { eventLog } from "./routes/log.ts";
import { memory } from "./routes/memory.ts";
import { orchestrator } from "./routes/orchestrator.ts";
import { pipeline } from "./routes/pipeline.ts";
import { policy } from "./routes/policy.ts";
import { projectApprovals } from "./routes/project-approvals.ts";
import { projects } from "./routes/projects.ts";
import { rooms } from "./routes/rooms.ts";
import { runs } from "./routes/runs.ts";
import { schedules } from "./routes/schedules.ts";
import { stats } from "./routes/stats.ts";
import { roomStreams, streams } from "./routes/streams.ts";
import { usage } from "./routes/usage.ts";
import { servicesOf } from "./services.ts";

/** Open to everybody, and in need of no setting. */
const UNCONDITIONAL: ReadonlySet<string> = new Set(["GET /api/v1/health", "GET /my/docs", "GET /my/openapi.json"]);
/** Open to everybody; throttled, or proven by a signature, in their handlers. */
const OPEN: ReadonlySet<string> = new Set([
  "POST /api/v1/auth/register",
  "POST /api/v1/auth/login",
  "POST /api/v1/auth/refresh",
  `POST ${CALLBACK_PATH}`,
]);

const doorOf = (c: Context<AppEnv>): string =>
  `${c.req.method === "HEAD" ? "GET" : c.req.method} ${c.req.path.replace(/\/+$/, "")}`;

const configured = createMiddleware<AppEnv>(async (c, next) => {
  if (!UNCONDITIONAL.has(doorOf(c))) c.set("services", unwrap(servicesOf(c)));
  await next();
});

const unlessOpen = (inner: MiddlewareHandler<AppEnv>) =>
  createMiddleware<AppEnv>((c, next) => {
    const door = doorOf(c);
    return UNCONDITIONAL.has(door) || OPEN.has(door) ? next() : inner(c, next);
  });

const app = new OpenAPIHono<AppEnv>({ strict: false, defaultHook: onInvalid });

app.use(requestId, securityHeaders, limitBody);
for (const door of DOORS)
  app.use(`${door}/*`, configured, unlessOpen(authenticate), wellFormedBody, unlessOpen(idempotency));

app.route("/api/v1", health).route("/api/v1", auth).route("/api/v1", apiKeys);
app.route("/my", projects).route("/my", agents).route("/my", chat).route("/my", streams).route("/my", approvals);
app.route("/my", orchestrator).route("/my", budget);
app.route("/v1", runs).route("/v1", eventLog).route("/v1", policy).route("/v1", hosts).route("/v1", projectApprovals);
app.route("/v1", engineRuns).route("/v1", engineWork).route("/v1", incidents);
app.route("/v1", rooms).route("/v1", roomStreams).route("/v1", pipeline);
app.route("/v1", capabilities);
app.route("/my", schedules).route("/v1", callbacks);
app.route("/my", usage).route("/api", stats);
app.route("/my", context);
app.route("/my", contextMove);
app.route("/api/v1", memory);

app.route(
  "/my",
  docsOf(() => contractOf(app)),
);
app.openAPIRegistry.registerComponent("securitySchemes", "bearer", BEARER);

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
const methodsOf = (path: string): string[] => {
  const bare = path.replace(/(?<=.)\/+$/, "");
  return METHODS.filter((method) => app.router.match(method, bare)[0].some(([[, route]]) => route.method === method));
};

app.onError(onError);
app.notFound(onNotFound(methodsOf));

export { app };
