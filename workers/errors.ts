// The one place where a refusal becomes an answer. Every error of every route is a problem document (RFC 9457) with `code`
// and `request_id`; a defect says nothing on the wire and everything in the log.
import type { Context, ErrorHandler, NotFoundHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ZodError } from "zod";
import { errorFields } from "#adapters/logger.ts";
import { Problem } from "#schema/api/common.ts";
import { REFUSALS, type RefusalCode } from "#schema/errors.ts";
import type { Refusal, Result } from "#schema/result.ts";
import { consolePage } from "./console-page.ts";
import type { AppEnv } from "./context.ts";
import { log } from "./services.ts";

/** A refusal on its way from a route to `onError`. Thrown only by `unwrap` and the middleware. */
export class Refused extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.code);
    this.name = "Refused";
    this.refusal = refusal;
  }
}

/** The value of a result; a refusal becomes the request's answer. */
export const unwrap = <T>(result: Result<T>): T => {
  if (result.ok) return result.value;
  throw new Refused(result.refusal);
};

/** Ends the request with a refusal. */
export const refuseRequest = (code: RefusalCode, detail?: string, extra?: Refusal["extra"]): never => {
  throw new Refused({ code, ...(detail === undefined ? {} : { detail }), ...(extra === undefined ? {} : { extra }) });
};

interface FieldProblem {
  readonly path: string;
  readonly message: string;
}

/** The problem document of a refusal, as a response. */
export const problem = (c: Context<AppEnv>, refusal: Refusal, errors?: readonly FieldProblem[]): Response => {
  const { status, title } = REFUSALS[refusal.code];
  const body = {
    ...refusal.extra,
    type: `/problems/${refusal.code}`,
    title,
    status,
    code: refusal.code,
    ...(refusal.detail === undefined ? {} : { detail: refusal.detail }),
    request_id: c.get("requestId"),
    ...(errors === undefined ? {} : { errors }),
  };
  if (status === 401) c.header("www-authenticate", 'Bearer realm="retinue"');
  return c.body(JSON.stringify(body), status, { "content-type": "application/problem+json" });
};

/** Answers for everything thrown. */
export const onError: ErrorHandler<AppEnv> = (error, c) => {
  if (error instanceof Refused) return problem(c, error.refusal);
  if (error instanceof HTTPException) {
    if (error.status === 400) return problem(c, { code: "malformed_json" });
    if (error.status === 415) return problem(c, { code: "unsupported_media_type" });
    if (error.status === 413) return problem(c, { code: "body_too_large" });
  }
  log.error("defect", { request_id: c.get("requestId"), method: c.req.method, ...errorFields(error) });
  return problem(c, { code: "internal" });
};

/** Answers when a request does not fit its contract, naming every field that does not. */
export const onInvalid = (
  result: { success: true } | { success: false; target: string; error: ZodError },
  c: Context<AppEnv>,
): Response | undefined => {
  if (result.success) return undefined;
  const errors = result.error.issues
    .flatMap((issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => ({ path: [...issue.path, key], message: "there is no such field" }))
        : [issue],
    )
    .slice(0, 50)
    .map(({ path, message }) => ({ path: [result.target, ...path].join("."), message }));
  return problem(c, { code: "invalid_request" }, errors);
};

/** Answers for paths nobody serves, which may be the console's, and for methods a path does not take. */
export const onNotFound =
  (methodsOf: (path: string) => readonly string[]): NotFoundHandler<AppEnv> =>
  async (c) => {
    const methods = methodsOf(c.req.path);
    if (methods.length === 0) return (await consolePage(c)) ?? problem(c, { code: "not_found" });
    c.header("allow", methods.join(", "));
    return problem(c, { code: "method_not_allowed" });
  };

interface ErrorAnswer {
  description: string;
  content: { "application/problem+json": { schema: typeof Problem } };
}

/** The error answers of a set of codes, by status. */
export type ErrorAnswers<C extends RefusalCode> = { [S in (typeof REFUSALS)[C]["status"]]: ErrorAnswer };

/** The error answers of a route, for its contract: one entry a status, naming the codes. */
export const errors = <C extends RefusalCode>(...codes: readonly C[]): ErrorAnswers<C> => {
  const described: Record<number, ErrorAnswer> = {};
  for (const code of codes) {
    const { status, title } = REFUSALS[code];
    const earlier = described[status]?.description;
    const sentence = `\`${code}\`: ${title}`;
    described[status] = {
      description: earlier === undefined ? sentence : `${earlier}. ${sentence}`,
      content: { "application/problem+json": { schema: Problem } },
    };
  }
  return described as ErrorAnswers<C>;
};
