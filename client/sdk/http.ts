// One HTTP call: bearer token, renewal on 401, an idempotency key that stays the same over retries, answers checked against
// their contract, refusals as ApiError. A call is only repeated when repeating is harmless: a GET, or one that carries a key.
import type { z } from "zod";
import { ApiError, errorOf, NoAnswer } from "./api-error.ts";
import { backoffDelay, pause } from "./backoff.ts";
import { anonymous, type Credentials } from "./credentials.ts";

/** What a call is made of besides its address and its answer's contract. */
export interface CallOptions {
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** False on POSTs that must not carry an idempotency key: sign-in and its kin. */
  readonly keyed?: boolean;
}

/** Where the server is and how the client proves itself. */
export interface HttpOptions {
  readonly url: string;
  readonly credentials?: Credentials;
  readonly timeoutMs?: number;
  /** Sockets carry no headers here, as in a browser: each is opened with a ticket of its own. */
  readonly ticketed?: boolean;
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

const ATTEMPTS = 3;
const LONGEST_POLITE_WAIT_MS = 10_000;
const AGAIN = { firstMs: 200, capMs: 2_000 };

const worthRepeating = (error: unknown): boolean => {
  // Without a cause it was an answer, only not one of ours: the same would come again.
  if (error instanceof NoAnswer) return error.cause !== undefined;
  if (!(error instanceof ApiError)) return false;
  if (error.code === "idempotency_in_progress") return true;
  if (error.status === 429) return error.retryAfterMs !== null && error.retryAfterMs <= LONGEST_POLITE_WAIT_MS;
  return error.status === 503 || error.status === 504;
};

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause : error;
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.message;
};

/** Speaks HTTP with one server. */
export class Http {
  readonly url: string;
  readonly credentials: Credentials;
  readonly ticketed: boolean;
  readonly #timeoutMs: number;

  constructor(options: HttpOptions) {
    this.url = options.url.replace(/\/+$/, "");
    this.credentials = options.credentials ?? anonymous;
    this.ticketed = options.ticketed ?? false;
    this.#timeoutMs = options.timeoutMs ?? 60_000;
  }

  /** Makes the call and returns its checked answer. */
  async call<S extends z.ZodType>(
    method: Method,
    path: string,
    answer: S,
    options: CallOptions = {},
  ): Promise<z.output<S>> {
    const key = method === "POST" && options.keyed !== false ? crypto.randomUUID() : null;
    const repeatable = method === "GET" || key !== null;
    for (let attempt = 0; ; attempt++) {
      try {
        const response = await this.send(method, path, {
          ...options,
          ...(key === null ? {} : { headers: { ...options.headers, "idempotency-key": key } }),
        });
        if (!response.ok) throw await errorOf(response);
        return await this.#checked(response, path, answer);
      } catch (error) {
        if (!repeatable || attempt + 1 >= ATTEMPTS || options.signal?.aborted || !worthRepeating(error)) throw error;
        const asked = error instanceof ApiError ? error.retryAfterMs : null;
        await pause(
          Math.min(asked ?? backoffDelay(AGAIN, attempt, Math.random()), LONGEST_POLITE_WAIT_MS),
          options.signal,
        );
      }
    }
  }

  /** Sends once, and once more with a renewed token after a 401. The response is handed over as it came. */
  async send(
    method: Method,
    path: string,
    options: CallOptions & { readonly stream?: boolean } = {},
  ): Promise<Response> {
    const token = await this.credentials.token();
    const first = await this.#fetch(method, path, token, options);
    if (first.status !== 401 || token === null) return first;
    const other = await this.credentials.renew(token);
    if (other === null || other === token) return first;
    await first.body?.cancel();
    return this.#fetch(method, path, other, options);
  }

  async #fetch(
    method: Method,
    path: string,
    token: string | null,
    options: CallOptions & { readonly stream?: boolean },
  ): Promise<Response> {
    const url = new URL(this.url + path);
    for (const [name, value] of Object.entries(options.query ?? {}))
      if (value !== undefined) url.searchParams.set(name, String(value));
    const signals = [
      ...(options.signal === undefined ? [] : [options.signal]),
      ...(options.stream === true ? [] : [AbortSignal.timeout(this.#timeoutMs)]),
    ];
    try {
      return await fetch(url, {
        method,
        // A redirect would carry the token to an address nobody chose.
        redirect: "manual",
        headers: {
          accept: "application/json",
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(options.body === undefined ? {} : { "content-type": "application/json" }),
          ...options.headers,
        },
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
        ...(signals.length === 0 ? {} : { signal: AbortSignal.any(signals) }),
      });
    } catch (error) {
      if (options.signal?.aborted) throw error;
      throw new NoAnswer(`No answer from ${this.url} (${reasonOf(error)})`, { cause: error });
    }
  }

  async #checked<S extends z.ZodType>(response: Response, path: string, answer: S): Promise<z.output<S>> {
    const text = await response.text().catch((error: unknown) => {
      throw new NoAnswer(`The answer of ${this.url} broke off (${reasonOf(error)})`, { cause: error });
    });
    const wrong = (what: string) =>
      new NoAnswer(`${this.url}${path} gave an answer that ${what}; is a Retinue server of this version there?`);
    let body: unknown = null;
    try {
      if (text !== "") body = JSON.parse(text);
    } catch {
      throw wrong("is not JSON");
    }
    const parsed = answer.safeParse(body);
    if (!parsed.success)
      throw wrong(
        `does not fit its contract (${parsed.error.issues[0]?.path.join(".") ?? ""}: ${parsed.error.issues[0]?.message ?? ""})`,
      );
    return parsed.data;
  }
}
