// The API as a client uses it: requests through the worker's own entry, and a freshly registered user to make them.
import { exports } from "cloudflare:workers";
import { type AuthTokens, UserProfile } from "#schema/api/accounts.ts";
import type { ProjectId, UserId } from "#schema/ids.ts";

/** One request. */
export interface Ask {
  readonly method?: string;
  readonly token?: string;
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly raw?: string;
  readonly headers?: Record<string, string>;
}

/** An answer with its body already read as JSON. */
export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: ReturnType<typeof JSON.parse>;
};

/** Sends a request and leaves the body to the caller (streams, sockets). */
export const send = (path: string, { method, token, body, raw, headers }: Ask = {}): Promise<Response> => {
  const sent = new Headers(headers);
  if (token !== undefined) sent.set("authorization", `Bearer ${token}`);
  const text = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  if (text !== undefined && !sent.has("content-type")) sent.set("content-type", "application/json");
  const init = {
    method: method ?? (text === undefined ? "GET" : "POST"),
    headers: sent,
    ...(text === undefined ? {} : { body: text }),
  };
  return exports.default.fetch(new Request(`https://retinue.test${path}`, init));
};

/** Sends a request and reads the answer. */
export const ask = async (path: string, request: Ask = {}): Promise<Answer> => {
  const response = await send(path, request);
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") ?? false;
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : null };
};

let people = 0;

/** Password of every user made here. */
export const PASSWORD = "correct horse battery";

/** A new e-mail address. */
export const newEmail = (): string => {
  people += 1;
  return `person-${people}-${crypto.randomUUID().slice(0, 8)}@example.com`;
};

/** A registered user, signed in. */
export interface Person {
  readonly email: string;
  readonly tokens: AuthTokens;
  readonly token: string;
  readonly id: UserId;
  readonly projectId: ProjectId;
}

/** Registers somebody. */
export const register = async (email = newEmail()): Promise<Person> => {
  const { status, json } = await ask("/api/v1/auth/register", { body: { email, password: PASSWORD } });
  if (status !== 201) throw new Error(`registration answered ${status}: ${JSON.stringify(json)}`);
  const me = await ask("/api/v1/auth/me", { token: json.access_token });
  const { id, default_project_id: projectId } = UserProfile.parse(me.json);
  return { email, tokens: json, token: json.access_token, id, projectId };
};
