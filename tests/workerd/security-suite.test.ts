// One suite over every mounted route: no token, a bad one, an expired one, a revoked one, too weak a one, another user's ids
// against ids that never were, and one request too many. A route that is mounted but missing from the table fails.
import { createExecutionContext, listDurableObjectIds } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { mintId } from "#adapters/ids.ts";
import { accessTokens } from "#adapters/jwt.ts";
import { keyOf } from "#schema/ids.ts";
import { ALL_SCOPES, type Scope } from "#schema/principal.ts";
import { type Ask, ask, type Person, register, send } from "#tests/support/workerd/api.ts";
import { stopClock } from "#tests/support/workerd/stop-clock.ts";
import { app } from "#workers/app.ts";
import { readConfig } from "#workers/config.ts";

interface Guarded {
  readonly scope: Scope;
  readonly body?: unknown;
  /** Where the route takes an id besides its path. */
  readonly named?: "project_id" | "x-workspace-id";
  /** What a foreign id answers; by default the isolation violation. */
  readonly foreign?: { readonly status: number; readonly code: string };
}

const OPEN = [
  "GET /api/v1/health",
  "POST /api/v1/auth/register",
  "POST /api/v1/auth/login",
  "POST /api/v1/auth/refresh",
  "GET /my/docs",
  "GET /my/openapi.json",
  "POST /v1/callbacks/qstash",
];

const AGENT = { name: "Critic", system_prompt: "You look for what is wrong." };
const SCHEDULE = { name: "Review", cron: "0 0 1 1 *", message: "@Architect hello" };
const FAILURE = { code: "broken", message: "it broke" };
const NOT_FOUND = { status: 404, code: "not_found" };

const GUARDED: Readonly<Record<string, Guarded>> = {
  "POST /api/v1/auth/logout": { scope: "account" },
  "GET /api/v1/auth/me": { scope: "read" },
  "GET /api/v1/auth/keys": { scope: "account" },
  "POST /api/v1/auth/keys": { scope: "account", body: { name: "k", scopes: ["read"] } },
  "DELETE /api/v1/auth/keys/:key_id": { scope: "account", foreign: NOT_FOUND },
  "GET /api/v1/memory/core": { scope: "read" },
  "GET /api/v1/memory/associative": { scope: "read" },
  "GET /api/v1/memory/episodic": { scope: "read" },
  "GET /api/v1/memory/proactive": { scope: "read" },
  "GET /api/v1/memory/search": { scope: "read" },
  "PUT /api/v1/memory/core": { scope: "account", body: { key: "name", value: "Ada" } },
  "POST /api/v1/memory/core": { scope: "account", body: { key: "name", value: "Ada" } },
  "POST /api/v1/memory/associative": {
    scope: "account",
    body: { entity_type: "pet", entity_id: "Rex", text: "Rex is a dog" },
  },
  "POST /api/v1/memory/reseal": { scope: "account", body: { new_passphrase: null } },
  "GET /api/v1/memory/export": { scope: "read" },
  "GET /api/v1/memory/settings": { scope: "read" },
  "PUT /api/v1/memory/settings": { scope: "account", body: { learning: "on" } },
  "DELETE /api/v1/memory/:type/:memory_id": { scope: "account", foreign: NOT_FOUND },
  "GET /my/projects": { scope: "read" },
  "POST /my/projects": { scope: "manage", body: { name: "New" } },
  "GET /my/projects/:project_id": { scope: "read" },
  "PUT /my/projects/:project_id": { scope: "manage", body: { description: "changed" } },
  "DELETE /my/projects/:project_id": { scope: "manage" },
  "GET /my/projects/:project_id/space": { scope: "read" },
  "POST /my/projects/:project_id/space/reset": { scope: "manage" },
  "GET /my/projects/:project_id/orchestrator": { scope: "read" },
  "PUT /my/projects/:project_id/orchestrator": { scope: "manage", body: { max_parallel: 2 } },
  "GET /my/projects/:project_id/agents": { scope: "read" },
  "POST /my/projects/:project_id/agents": { scope: "manage", body: AGENT },
  "GET /my/projects/:project_id/events": { scope: "read" },
  "GET /my/projects/:project_id/device": { scope: "device" },
  "GET /my/agents": { scope: "read", named: "project_id" },
  "POST /my/agents": { scope: "manage", body: AGENT, named: "project_id" },
  "GET /my/agents/:agent_id": { scope: "read" },
  "PUT /my/agents/:agent_id": { scope: "manage", body: { description: "changed" } },
  "DELETE /my/agents/:agent_id": { scope: "manage" },
  "GET /my/agents/:agent_id/status": { scope: "read" },
  "GET /my/agents/:agent_id/metrics": { scope: "read" },
  "GET /my/agents/:agent_id/versions": { scope: "read" },
  "GET /my/agents/:agent_id/context": { scope: "read" },
  "DELETE /my/agents/:agent_id/context": { scope: "manage" },
  "POST /my/agents/:agent_id/context/search": { scope: "read", body: { query: "hello" } },
  "POST /my/agents/:agent_id/context/documents": { scope: "manage", body: { title: "a.md", content: "words" } },
  "GET /my/agents/:agent_id/context/documents": { scope: "read" },
  "DELETE /my/agents/:agent_id/context/documents/:document_id": { scope: "manage" },
  "GET /my/agents/:agent_id/context/items": { scope: "read" },
  "DELETE /my/agents/:agent_id/context/items/:item_id": { scope: "manage" },
  "POST /my/agents/:agent_id/context/prune": { scope: "manage", body: { max_count: 1 } },
  "POST /my/agents/:agent_id/context/move": { scope: "manage", body: { to: "qdrant" } },
  "GET /my/agents/:agent_id/context/export": { scope: "read" },
  "GET /my/budget": { scope: "read" },
  "PUT /my/budget": { scope: "account", body: { alert_at: 0.7 } },
  "GET /my/chat": { scope: "read", named: "project_id" },
  "POST /my/chat": { scope: "chat", body: {}, named: "project_id" },
  "GET /my/chat/:session_id": { scope: "read" },
  "PATCH /my/chat/:session_id": { scope: "chat", body: { title: "changed" } },
  "DELETE /my/chat/:session_id": { scope: "chat" },
  "GET /my/chat/:session_id/messages": { scope: "read" },
  "POST /my/chat/:session_id/message": { scope: "chat", body: { content: "@Architect hello" } },
  "GET /my/chat/:session_id/events": { scope: "read" },
  "POST /my/stream-tickets": { scope: "read", body: { path: "/my/chat/:session_id/events" } },
  "GET /my/usage": { scope: "read", named: "project_id" },
  "GET /api/stats": { scope: "read" },
  "GET /my/approvals": { scope: "read", named: "project_id" },
  "GET /my/approvals/:approval_id": { scope: "read" },
  "POST /my/approvals/:approval_id/confirm": { scope: "approve", body: {} },
  "POST /my/approvals/:approval_id/reject": { scope: "approve", body: {} },
  "POST /my/approvals/:approval_id/respond": { scope: "approve", body: { content: "hm" } },
  "POST /v1/policy/evaluate": { scope: "read", body: { action: "files.read" }, named: "x-workspace-id" },
  "GET /v1/policy/kill-switch": { scope: "read", named: "x-workspace-id" },
  "PUT /v1/policy/kill-switch": { scope: "manage", body: { external_write: true }, named: "x-workspace-id" },
  "GET /v1/policy/hosts": { scope: "read", named: "x-workspace-id" },
  "DELETE /v1/policy/hosts/:host": { scope: "manage", named: "x-workspace-id", foreign: NOT_FOUND },
  "GET /my/schedules": { scope: "read", named: "project_id" },
  "POST /my/schedules": { scope: "manage", body: { ...SCHEDULE, session_id: ":session_id" } },
  "GET /my/schedules/:schedule_id": { scope: "read" },
  "PATCH /my/schedules/:schedule_id": { scope: "manage", body: { name: "changed" } },
  "DELETE /my/schedules/:schedule_id": { scope: "manage" },
  "POST /my/schedules/:schedule_id/run": { scope: "manage" },
  "POST /my/approvals/:approval_id/hold": { scope: "approve", body: {} },
  "GET /v1/approvals": { scope: "read", named: "x-workspace-id" },
  "POST /v1/approvals": { scope: "engine", body: { action: "external.write" }, named: "x-workspace-id" },
  "GET /v1/approvals/:approval_id": { scope: "read" },
  "POST /v1/approvals/:approval_id/decide": { scope: "approve", body: { decision: "deny" } },
  "GET /v1/pipeline/projection": { scope: "read", named: "x-workspace-id" },
  "GET /v1/rooms": { scope: "read", named: "x-workspace-id" },
  "POST /v1/rooms": { scope: "chat", body: { title: "New" }, named: "x-workspace-id" },
  "GET /v1/rooms/:room_id/threads": { scope: "read" },
  "POST /v1/rooms/:room_id/threads": { scope: "chat", body: { title: "New" } },
  "POST /v1/rooms/:room_id/fork": { scope: "chat", body: { from_seq: 1 } },
  "GET /v1/threads/:thread_id/messages": { scope: "read" },
  "POST /v1/threads/:thread_id/messages": { scope: "chat", body: { content: "hm" } },
  "GET /v1/streams/rooms/:room_id": { scope: "read" },
  "GET /v1/capabilities": { scope: "account", named: "x-workspace-id" },
  "POST /v1/capabilities": {
    scope: "account",
    body: { name: "engine", principal: "service:engine-1", scopes: ["engine"], ttl_seconds: 60 },
    named: "x-workspace-id",
  },
  "POST /v1/capabilities/delegate": { scope: "engine", body: { name: "part" } },
  "DELETE /v1/capabilities/:capability_id": { scope: "account" },
  "GET /v1/runs": { scope: "read", named: "x-workspace-id" },
  "GET /v1/runs/:run_id": { scope: "read" },
  "GET /v1/runs/:run_id/plan": { scope: "read" },
  "POST /my/projects/:project_id/orchestrator/plan": { scope: "chat", body: { content: "hello" } },
  "POST /v1/runs/:run_id/cancel": { scope: "chat", body: {} },
  "GET /v1/runs/:run_id/toolcalls": { scope: "read" },
  "GET /v1/artifacts/:artifact_id": { scope: "read" },
  "POST /v1/runs": { scope: "chat", body: { room_id: ":session_id", title: "Build" } },
  "POST /v1/runs/claim": { scope: "engine", body: { engine: "e" }, named: "x-workspace-id" },
  "POST /v1/runs/:run_id/lease/heartbeat": { scope: "engine", body: { token: "t" } },
  "POST /v1/runs/:run_id/lease/release": { scope: "engine", body: { token: "t" } },
  "POST /v1/runs/:run_id/start": { scope: "engine", body: { lease_token: "t" } },
  "POST /v1/runs/:run_id/complete": { scope: "engine", body: { lease_token: "t" } },
  "POST /v1/runs/:run_id/fail": { scope: "engine", body: { lease_token: "t", error: FAILURE } },
  "GET /v1/runs/:run_id/steps": { scope: "read" },
  "POST /v1/runs/:run_id/steps": { scope: "engine", body: { lease_token: "t", title: "First" } },
  "GET /v1/runs/:run_id/timeline": { scope: "read" },
  "POST /v1/steps/:step_id/complete": { scope: "engine", body: { lease_token: "t" } },
  "POST /v1/steps/:step_id/fail": { scope: "engine", body: { lease_token: "t", error: FAILURE } },
  "POST /v1/steps/:step_id/toolcalls": { scope: "engine", body: { lease_token: "t", tool: "shell" } },
  "POST /v1/steps/:step_id/artifacts": {
    scope: "engine",
    body: { lease_token: "t", kind: "text", name: "a", content: "b" },
  },
  "GET /v1/toolcalls": { scope: "read", named: "x-workspace-id" },
  "GET /v1/toolcalls/:tool_call_id": { scope: "read" },
  "POST /v1/toolcalls/:tool_call_id/succeed": { scope: "engine", body: { lease_token: "t", result: "done" } },
  "POST /v1/toolcalls/:tool_call_id/fail": { scope: "engine", body: { lease_token: "t", error: FAILURE } },
  "GET /v1/artifacts": { scope: "read", named: "x-workspace-id" },
  "GET /v1/incidents": { scope: "read", named: "x-workspace-id" },
  "POST /v1/incidents": { scope: "engine", body: { title: "Red", severity: "low" }, named: "x-workspace-id" },
  "GET /v1/incidents/:incident_id": { scope: "read" },
  "POST /v1/incidents/:incident_id/resolve": { scope: "manage", body: {} },
  "GET /v1/events": { scope: "read", named: "x-workspace-id" },
  "GET /v1/events/head": { scope: "read", named: "x-workspace-id" },
  "GET /v1/events/verify": { scope: "read", named: "x-workspace-id" },
  "POST /v1/events/:event_id/redact": {
    scope: "manage",
    body: { reason: "asked for" },
    named: "x-workspace-id",
    foreign: NOT_FOUND,
  },
  "GET /v1/events/:event_id": { scope: "read", named: "x-workspace-id", foreign: NOT_FOUND },
};

type Ids = Readonly<Record<string, string>>;

/** Ids of the right shape that nobody ever minted. */
const neverMinted = (): Ids => ({
  project_id: mintId("project"),
  agent_id: mintId("agent"),
  session_id: mintId("room"),
  room_id: mintId("room"),
  thread_id: mintId("thread"),
  run_id: mintId("run"),
  approval_id: mintId("approval"),
  artifact_id: mintId("artifact"),
  schedule_id: mintId("schedule"),
  step_id: mintId("step"),
  tool_call_id: mintId("toolCall"),
  incident_id: mintId("incident"),
  key_id: mintId("apiKey"),
  capability_id: mintId("capability"),
  document_id: mintId("document"),
  item_id: crypto.randomUUID(),
  event_id: crypto.randomUUID(),
  memory_id: mintId("memory"),
  type: "core",
});

/** The ids of things that really exist, in somebody's default project. */
const idsOf = async ({ token, projectId }: Person): Promise<Ids> => {
  const agents = await ask("/my/agents", { token });
  const room = await ask("/my/chat", { token, body: {} });
  const posted = await ask(`/my/chat/${room.json.id}/message`, {
    token,
    body: { content: "@Architect hello" },
    headers: { prefer: "wait=0" },
  });
  const key = await ask("/api/v1/auth/keys", { token, body: { name: "hers", scopes: ["read"] } });
  const events = await ask("/v1/events?limit=1", { token });
  const schedule = await ask("/my/schedules", { token, body: SCHEDULE });
  const step = await ask(`/v1/runs/${posted.json.run.id}/steps`, { token });
  const incident = await ask("/v1/incidents", { token, body: { title: "Red", severity: "low" } });
  const capability = await ask("/v1/capabilities", {
    token,
    body: { name: "hers", principal: "service:engine-1", scopes: ["read"], ttl_seconds: 600 },
  });
  const memory = await ask("/api/v1/memory/core", { token, body: { key: "name", value: "mine" } });
  return {
    memory_id: memory.json.id,
    type: "core",
    project_id: projectId,
    agent_id: agents.json.items[0].id,
    session_id: room.json.id,
    room_id: room.json.id,
    thread_id: mintId("thread", keyOf(projectId)),
    run_id: posted.json.run.id,
    approval_id: mintId("approval", keyOf(projectId)),
    artifact_id: mintId("artifact", keyOf(projectId)),
    schedule_id: schedule.json.id,
    step_id: step.json.items[0].id,
    tool_call_id: mintId("toolCall", keyOf(projectId)),
    incident_id: incident.json.id,
    key_id: key.json.id,
    capability_id: capability.json.id,
    document_id: mintId("document", keyOf(projectId)),
    item_id: crypto.randomUUID(),
    event_id: events.json.items[0].event_id,
  };
};

const filled = (text: string, ids: Ids): string =>
  text.replaceAll(/:(\w+_id|type)\b/g, (_, name: string) => ids[name] ?? "");

const requestOf = (door: string, ids: Ids): { path: string; ask: Ask } => {
  const [method = "", pattern = ""] = door.split(" ");
  const body = GUARDED[door]?.body;
  return {
    path: filled(pattern, ids),
    ask: {
      method,
      ...(body === undefined
        ? {}
        : { raw: filled(JSON.stringify(body), ids), headers: { "content-type": "application/json" } }),
    },
  };
};

const doors = Object.keys(GUARDED);
const takesId = (door: string): boolean =>
  door.includes("/:") || JSON.stringify(GUARDED[door]?.body ?? "").includes(":session_id");

let ada: Person;
let eve: Person;
let hers: Ids;
let eves: Ids;

beforeAll(async () => {
  [ada, eve] = await Promise.all([register(), register()]);
  [hers, eves] = await Promise.all([idsOf(ada), idsOf(eve)]);
});

/** What a caller can tell an answer by: everything but the request's own id and its rate window. */
const fingerprint = async (path: string, request: Ask) => {
  const response = await send(path, request);
  const text = (await response.text()).replace(/"request_id":"\w+"/, "");
  const headers = [...response.headers].filter(
    ([name]) => !["x-request-id", "ratelimit", "date", "content-length"].includes(name),
  );
  return { status: response.status, text, headers };
};

test("every mounted route stands in the table, and the table has no other", () => {
  const mounted = new Set(
    app.routes.filter(({ method }) => method !== "ALL").map(({ method, path }) => `${method} ${path}`),
  );
  expect([...mounted].sort()).toEqual([...OPEN, ...doors].sort());
});

test("the contract says of every route what the table says", () => {
  const { paths } = app.getOpenAPI31Document({ openapi: "3.1.0", info: { title: "", version: "" } });
  for (const [path, operations] of Object.entries(paths ?? {})) {
    for (const [method, operation] of Object.entries(operations)) {
      const door = `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`;
      expect(operation["x-required-scope"], door).toBe(GUARDED[door]?.scope);
      expect(operation.security, door).toEqual(OPEN.includes(door) ? [] : [{ bearer: [] }]);
    }
  }
});

describe("without a valid credential", () => {
  const refused = async (door: string, token: string | undefined, message: string) => {
    const { path, ask: request } = requestOf(door, hers);
    const answer = await ask(path, { ...request, ...(token === undefined ? {} : { token }) });
    expect({ status: answer.status, code: answer.json?.code }, `${door} ${message}`).toEqual({
      status: 401,
      code: "unauthenticated",
    });
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="retinue"');
  };

  test("every door stays shut: no token, garbage, an unknown API key", async () => {
    for (const door of doors) {
      await refused(door, undefined, "without a token");
      await refused(door, "garbage", "with garbage");
      await refused(door, "rtk_unknownunknownunknown", "with an unknown key");
      await refused(door, "rtc_unknownunknownunknown", "with an unknown capability");
    }
  });

  test("every door stays shut to an expired token", async () => {
    const config = readConfig({ ...env });
    if (!config.ok) throw new Error("not configured");
    const expired = await accessTokens(config.value.auth, () => Date.now() - 3_600_000).issue(
      { id: ada.id, tier: "free" },
      mintId("session"),
    );
    for (const door of doors) await refused(door, expired.token, "with an expired token");
  });

  test("every door stays shut to a token that signed out", async () => {
    const person = await register();
    await ask("/api/v1/auth/logout", { method: "POST", token: person.token });
    for (const door of doors) await refused(door, person.token, "with a revoked token");
  });

  test("no object is made for a stranger, not even by a ticket that names a user", async () => {
    const before = (await listDurableObjectIds(env.METERS)).length + (await listDurableObjectIds(env.SPACES)).length;
    const ids = neverMinted();
    for (const door of doors) {
      const { path, ask: request } = requestOf(door, ids);
      await ask(path, { ...request, token: "garbage" });
      await ask(`${path}?ticket=${mintId("user")}.secret.mac`, request);
    }
    expect((await listDurableObjectIds(env.METERS)).length + (await listDurableObjectIds(env.SPACES)).length).toBe(
      before,
    );
  });
});

test("a key without the scope a door needs is refused there, and nowhere lets anything through", async () => {
  const keys = new Map<Scope, string>();
  for (const missing of ALL_SCOPES) {
    const scopes = ALL_SCOPES.filter((scope) => scope !== missing);
    keys.set(
      missing,
      (await ask("/api/v1/auth/keys", { token: eve.token, body: { name: `no ${missing}`, scopes } })).json.key,
    );
  }
  for (const door of doors) {
    const { path, ask: request } = requestOf(door, eves);
    const token = keys.get(GUARDED[door]?.scope ?? "read") ?? "";
    expect((await ask(path, { ...request, token })).json?.code, door).toBe("insufficient_scope");
  }
});

describe("a capability", () => {
  const WEAK: Scope[] = ["read", "chat", "engine"];
  const capabilityOf = async ({ token }: Person, projectId: string, scopes: readonly Scope[]): Promise<string> => {
    const body = { name: "engine", principal: "service:engine-1", scopes, ttl_seconds: 600 };
    const headers = { "x-workspace-id": projectId };
    return (await ask("/v1/capabilities", { token, headers, body })).json.token;
  };
  let other: string;
  let inOther: string;

  beforeAll(async () => {
    other = (await ask("/my/projects", { token: eve.token, body: { name: "Other" } })).json.id;
    inOther = await capabilityOf(eve, other, WEAK);
  });

  test("of one project meets a violation wherever it names what is in another, or is not let in at all", async () => {
    for (const door of doors) {
      const { path, ask: request } = requestOf(door, eves);
      const { named, scope = "read" } = GUARDED[door] ?? {};
      const naming =
        named === "x-workspace-id"
          ? { path, headers: { ...request.headers, [named]: eve.projectId } }
          : { path: named === "project_id" ? `${path}?project_id=${eve.projectId}` : path, headers: request.headers };
      const answer = await ask(naming.path, {
        ...request,
        token: inOther,
        ...(naming.headers === undefined ? {} : { headers: naming.headers }),
      });
      // Asked about nothing but the capability's own project.
      if (door === "POST /v1/capabilities/delegate") continue;
      const inside = /^\w+ \/(?:v1|my\/(?:chat|agents|approvals|projects\/:project_id))\b/.test(door);
      const letIn = WEAK.includes(scope) && inside && door !== "GET /my/projects/:project_id";
      expect(answer.json?.code, door).toBe(letIn ? "isolation_violation" : "insufficient_scope");
      expect(answer.status, door).toBeGreaterThanOrEqual(400);
    }
  });

  test("gets the same answer for another project of its own user as for a stranger's", async () => {
    for (const door of doors.filter(takesId)) {
      const own = requestOf(door, eves);
      const never = requestOf(door, neverMinted());
      const seen = await fingerprint(own.path, { ...own.ask, token: inOther });
      expect(seen, door).toEqual(await fingerprint(never.path, { ...never.ask, token: inOther }));
    }
  });

  test("goes no further than its scopes, in its own project too", async () => {
    for (const missing of WEAK) {
      const token = await capabilityOf(
        eve,
        eve.projectId,
        WEAK.filter((scope) => scope !== missing),
      );
      for (const door of doors.filter((one) => GUARDED[one]?.scope === missing)) {
        const { path, ask: request } = requestOf(door, eves);
        expect((await ask(path, { ...request, token })).json?.code, door).toBe("insufficient_scope");
      }
    }
  });

  test("never opens what spans the account, whatever its scopes", async () => {
    const token = await capabilityOf(eve, eve.projectId, WEAK);
    for (const path of [
      "/api/v1/auth/me",
      "/my/projects",
      `/my/projects/${eve.projectId}`,
      "/my/budget",
      "/my/schedules",
    ])
      expect((await ask(path, { token })).json.code, path).toBe("insufficient_scope");
    const ticket = { path: `/my/chat/${eves.session_id}/events` };
    expect((await ask("/my/stream-tickets", { token, body: ticket })).json.code).toBe("insufficient_scope");
  });
});

describe("another user's ids", () => {
  test("answer in every place exactly like ids that never were", async () => {
    const never = neverMinted();
    for (const door of doors.filter(takesId)) {
      const foreign = requestOf(door, hers);
      const unknown = requestOf(door, never);
      const seen = await fingerprint(foreign.path, { ...foreign.ask, token: eve.token });
      const expected = GUARDED[door]?.foreign ?? { status: 403, code: "isolation_violation" };
      expect(seen.status, door).toBe(expected.status);
      expect(JSON.parse(seen.text.replace(",}", "}")).code, door).toBe(expected.code);
      expect(seen, door).toEqual(await fingerprint(unknown.path, { ...unknown.ask, token: eve.token }));
    }
  });

  test("answer so in a query and in x-workspace-id too", async () => {
    for (const door of doors) {
      const { named } = GUARDED[door] ?? {};
      if (named === undefined) continue;
      const { path, ask: request } = requestOf(door, eves);
      const naming = (id = ""): [string, Ask] =>
        named === "project_id"
          ? [`${path}?project_id=${id}`, { ...request, token: eve.token }]
          : [path, { ...request, token: eve.token, headers: { ...request.headers, [named]: id } }];
      const seen = await fingerprint(...naming(hers.project_id));
      expect(seen.status, door).toBe(403);
      expect(seen, door).toEqual(await fingerprint(...naming(mintId("project"))));
    }
  });

  test("a handle of another user's agent is a violation, and every violation is counted", async () => {
    const handle = (await ask(`/my/agents/${hers.agent_id}`, { token: ada.token })).json.handle;
    const hits = async () =>
      (
        await env.DB.prepare("SELECT hits FROM isolation_violations WHERE user_id = ?")
          .bind(eve.id)
          .first<{ hits: number }>()
      )?.hits ?? 0;
    const before = await hits();
    expect((await ask(`/my/agents/${handle}`, { token: eve.token })).json.code).toBe("isolation_violation");
    await expect.poll(hits).toBe(before + 1);
  });

  test("leave no trace: nothing of the other's was changed", async () => {
    expect((await ask(`/my/agents/${hers.agent_id}`, { token: ada.token })).json.version).toBe(1);
    expect((await ask(`/my/chat/${hers.session_id}`, { token: ada.token })).json.title).toBe("New chat");
  });
});

test("one request too many is refused at every door, with the time to come back", async () => {
  stopClock();
  const narrow = { ...env, RATE_LIMIT_PER_MINUTE: "1" };
  const knock = (path: string, { method, raw, headers }: Ask) =>
    app.request(
      path,
      {
        method: method ?? "GET",
        headers: { ...headers, authorization: `Bearer ${eve.token}` },
        ...(raw === undefined ? {} : { body: raw }),
      },
      narrow,
      createExecutionContext(),
    );
  await knock("/my/projects", {});
  await knock("/api/v1/auth/me", {});
  for (const door of doors) {
    const { path, ask: request } = requestOf(door, eves);
    const response = await knock(path, request);
    expect(response.status, door).toBe(429);
    expect(Number(response.headers.get("retry-after")), door).toBeGreaterThan(0);
    expect(response.headers.get("ratelimit"), door).toMatch(/^"(personal|api)";r=0;t=\d+$/);
    expect(response.headers.get("ratelimit-policy"), door).toMatch(/^"(personal|api)";q=1;w=60$/);
    expect(await response.json(), door).toMatchObject({ code: "rate_limited" });
  }
});

test("paths and methods nobody serves are problems too, and say which methods there are", async () => {
  expect((await ask("/my/nothing", { token: eve.token })).json).toMatchObject({ status: 404, code: "not_found" });
  const wrong = await ask("/my/projects/", { method: "PATCH", token: eve.token, body: {} });
  expect(wrong.json).toMatchObject({ status: 405, code: "method_not_allowed" });
  expect(wrong.headers.get("allow")).toBe("GET, POST");
  expect((await ask("/nowhere", { method: "POST" })).json).toMatchObject({ status: 404, code: "not_found" });
});

test("answers carry the security headers, and no other origin is let in", async () => {
  for (const path of ["/my/projects", "/api/v1/health"]) {
    const { headers } = await ask(path, { token: eve.token, headers: { origin: "https://evil.example" } });
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("access-control-allow-origin")).toBeNull();
  }
});
