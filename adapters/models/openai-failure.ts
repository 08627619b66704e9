// What went wrong with a model call, in our own terms. A provider's message may quote the key it refused, so nothing leaves
// here unscrubbed, and nothing is logged here at all.
import { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from "openai";
import type { ModelFailure } from "#domain/models/port.ts";

type Code = ModelFailure["code"];

const RETRYABLE: Readonly<Record<Code, boolean>> = {
  timeout: true,
  rate_limited: true,
  server_error: true,
  connection: true,
  invalid_response: true,
  low_confidence: true,
  bad_request: false,
  auth: false,
  aborted: false,
  budget_exhausted: false,
};

/** Builds a failure with its code's usual retryability. */
export const modelFailure = (code: Code, message: string, model: string): ModelFailure => ({
  code,
  message,
  model,
  retryable: RETRYABLE[code],
  retryAfterMs: null,
});

/** Takes secrets out of a message: the ones in use, and whatever else looks like a key. */
export const scrub = (message: string, secrets: readonly string[]): string =>
  secrets
    .filter((secret) => secret.length > 3)
    .reduce((text, secret) => text.replaceAll(secret, "[key]"), message)
    .replaceAll(/\bBearer\s+\S+/gi, "Bearer [key]")
    .replaceAll(/\b(?:sk|pk|gsk|xai|csk|key|AIza)[-_]?[\w*.-]{12,}/g, "[key]")
    .replaceAll(/:\/\/[^\s/@]+@/g, "://[key]@")
    .slice(0, 500)
    .toWellFormed();

const codeOfStatus = (status: number): Code => {
  if (status === 401 || status === 403) return "auth";
  if (status === 408) return "timeout";
  if (status === 429) return "rate_limited";
  if (status === 409 || status === 425 || status >= 500) return "server_error";
  return "bad_request";
};

const retryAfter = (headers: Headers | undefined, now: number): number | null => {
  const milliseconds = Number.parseFloat(headers?.get("retry-after-ms") ?? "");
  if (Number.isFinite(milliseconds)) return Math.max(0, Math.ceil(milliseconds));
  const wish = headers?.get("retry-after") ?? "";
  if (wish === "") return null;
  const seconds = Number(wish);
  if (Number.isFinite(seconds)) return Math.max(0, Math.ceil(seconds * 1000));
  const date = Date.parse(wish);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
};

/** An error inside a stream has no HTTP status; some servers put one into its `code`. */
const statusOf = (error: APIError): number | null => {
  if (typeof error.status === "number") return error.status;
  const code = Number(error.code);
  if (Number.isInteger(code) && code >= 400 && code < 600) return code;
  if (error.code === "rate_limit_exceeded" || error.type === "rate_limit_error") return 429;
  if (error.code === "context_length_exceeded" || error.type === "invalid_request_error") return 400;
  return null;
};

const causeCode = (error: APIConnectionError): string => {
  const cause = error.cause;
  const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : null;
  const inner = cause instanceof Error && typeof cause.cause === "object" && cause.cause !== null ? cause.cause : null;
  const deeper = inner !== null && "code" in inner ? inner.code : null;
  const found = typeof code === "string" ? code : deeper;
  return typeof found === "string" ? ` (${found})` : "";
};

/** Maps whatever the SDK threw. */
export const failureOf = (error: unknown, model: string, secrets: readonly string[], now: number): ModelFailure => {
  if (error instanceof APIUserAbortError) return modelFailure("aborted", "The call was stopped", model);
  if (error instanceof APIConnectionTimeoutError)
    return modelFailure("timeout", "The model server did not answer in time", model);
  if (error instanceof APIConnectionError) {
    return modelFailure("connection", `The model server could not be reached${causeCode(error)}`, model);
  }
  if (error instanceof APIError) {
    const status = statusOf(error);
    const code = status === null ? "server_error" : codeOfStatus(status);
    const failure = modelFailure(code, scrub(`The model server answered: ${error.message}`, secrets), model);
    // Money that has run out does not come back by waiting.
    const spent = error.code === "insufficient_quota";
    return { ...failure, retryable: failure.retryable && !spent, retryAfterMs: retryAfter(error.headers, now) };
  }
  if (error instanceof SyntaxError)
    return modelFailure("invalid_response", "The model server sent something that is not JSON", model);
  return modelFailure("connection", "The connection to the model server was lost", model);
};
