// `Idempotency-Key` on authenticated POSTs: the same key with the same request gets the first answer again, with another
// request a refusal. A failure of ours gives the key back. Stored answers are encrypted: one may hold a new API key.
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { z } from "zod";
import { macOf, seal, sha256Hex, unseal } from "#adapters/keyring.ts";
import { errorFields } from "#adapters/logger.ts";
import { BroughtHeaders } from "#schema/api/brought.ts";
import type { Principal } from "#schema/principal.ts";
import type { AppEnv } from "../context.ts";
import { problem, refuseRequest } from "../errors.ts";

const LEASE_SECONDS = 120;
const KEEP_SECONDS = 24 * 60 * 60;
const LARGEST_KEPT = 500_000;

const StoredAnswer = z.object({
  status: z.int().min(200).max(599),
  headers: z.array(z.tuple([z.string(), z.string()])),
  body: z.string(),
});

const KEPT_HEADERS = ["content-type", "location", "preference-applied"] as const;

/** What is asked for is said in these too: another passphrase, key or project makes another request. */
const MEANT_BY_HEADERS = ["x-workspace-id", ...Object.keys(BroughtHeaders.shape)];

const fingerprintOf = async (c: Context<AppEnv>): Promise<string> => {
  const { pathname, search } = new URL(c.req.url);
  // The scopes belong to it: this runs before a route asks for its scope, and a weaker credential must not read the answer
  // a stronger one was given.
  const scopes = [...c.var.scope.user.principal.scopes].sort().join(" ");
  const headers = MEANT_BY_HEADERS.map((name) => c.req.header(name) ?? "");
  const head = new TextEncoder().encode(
    `${scopes}\n${headers.join("\n")}\n${c.req.method}\n${pathname.replace(/\/+$/, "")}${search}\n`,
  );
  const body = new Uint8Array(await c.req.arrayBuffer());
  const all = new Uint8Array(head.length + body.length);
  all.set(head);
  all.set(body, head.length);
  // It may hold a passphrase: a bare hash of it, kept for a day, could be guessed at by whoever reads the store.
  return macOf(c.var.services.keys[0], "request-fingerprint", sha256Hex(all));
};

/** The answer as it is kept; null when it is too large to keep (the space then recognises the key itself). */
const answerOf = async (response: Response): Promise<string | null> => {
  const headers = KEPT_HEADERS.flatMap((name) => {
    const value = response.headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  const body = await response.clone().text();
  return body.length > LARGEST_KEPT ? null : JSON.stringify({ status: response.status, headers, body });
};

// A capability's keys are its own: it must neither read an answer that was given to its user, or in another project, nor take
// their keys. A client's key holds no space, so no client makes one that looks like this.
const heldAs = ({ via }: Principal, key: string): string =>
  via.kind === "capability" ? `${via.capabilityId} ${key}` : key;

/** Holds POSTs with an Idempotency-Key to it. */
export const idempotency = createMiddleware<AppEnv>(async (c, next) => {
  const key = c.req.header("idempotency-key");
  if (c.req.method !== "POST" || key === undefined) return next();
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    return problem(c, { code: "invalid_request", detail: "Idempotency-Key must be 1 to 255 visible ASCII characters" });
  }
  const { keys, log } = c.var.services;
  const { shortState, user } = c.var.scope;
  const held = heldAs(user.principal, key);
  const context = `${user.userId}\n${held}`;
  const fingerprint = await fingerprintOf(c);
  const claim = await shortState.claim(held, fingerprint, LEASE_SECONDS, KEEP_SECONDS);
  if (claim.state === "mismatch") refuseRequest("idempotency_mismatch");
  if (claim.state === "in_progress") {
    c.header("retry-after", "1");
    refuseRequest("idempotency_in_progress");
  }
  if (claim.state === "done") {
    const text = unseal(keys, "stored-answer", context, claim.answer);
    if (text === null)
      return problem(c, {
        code: "idempotency_mismatch",
        detail: "the first answer can no longer be read; use a new key",
      });
    const { status, headers, body } = StoredAnswer.parse(JSON.parse(text));
    return c.newResponse(body, new Response(null, { status, headers: [...headers, ["idempotency-replayed", "true"]] }));
  }
  c.set("idempotencyKey", key);
  await next();
  const answer = c.res.status >= 500 ? null : await answerOf(c.res);
  // The work is done: a store that cannot be reached now must not turn its answer into an error. The lease runs out by itself.
  await (answer === null
    ? shortState.release(held, fingerprint)
    : shortState.settle(held, fingerprint, seal(keys, "stored-answer", context, answer), KEEP_SECONDS)
  ).catch((error: unknown) =>
    log.error("idempotency_not_settled", { request_id: c.var.requestId, ...errorFields(error) }),
  );
});
