// The connection to Upstash, with the SDK's defaults put right: it would retry writes (counting a caller twice), wait 4.3 s for
// an unreachable server, batch commands of unrelated requests into one promise, and turn numeric strings into numbers.
import { Redis } from "@upstash/redis/cloudflare";

/** Where Redis is, and how long it may take. */
export interface RedisSettings {
  readonly url: string;
  readonly token: string;
  /** Milliseconds one round trip may take. */
  readonly deadlineMs: number;
}

/** A client for Workers. It holds no state a request could leave behind for the next. */
export const connect = ({ url, token, deadlineMs }: RedisSettings): Redis =>
  new Redis({
    url,
    token,
    retry: { retries: 0 },
    // A function: with a plain signal the SDK answers an abort as if it were a reply.
    signal: () => AbortSignal.timeout(deadlineMs),
    enableTelemetry: false,
    enableAutoPipelining: false,
    automaticDeserialization: false,
  });

/** Why Redis gave no answer, without the command: the SDK's own message would carry payloads into the log. */
export class RedisUnavailable extends Error {
  constructor(operation: string, cause: unknown) {
    const said = cause instanceof Error ? cause.message : String(cause);
    super(`Redis did not perform "${operation}": ${said.split(/,? ?command was:/i)[0]?.slice(0, 200)}`);
    this.name = "RedisUnavailable";
  }
}

/** Performs a call, and rethrows whatever goes wrong without its arguments. */
export const asking = async <T>(operation: string, call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (error) {
    throw new RedisUnavailable(operation, error);
  }
};
