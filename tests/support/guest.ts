// Somebody at a server over plain HTTP, the way a program in any language would be: a token, fetch, and the answers as they
// came. For tests that must see statuses, headers and bytes.
import { randomBytes } from "node:crypto";
import { type Account, signUp } from "../../scripts/demo/sign-up.ts";

/** An answer: status, headers, and the body both as text and, where it is one, as JSON. */
export interface Said {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: ReturnType<typeof JSON.parse>;
}

/** How to ask. */
export interface Asking {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A signed-in account with a raw way to ask. */
export interface Guest extends Account {
  readonly token: string;
  ask(path: string, asking?: Asking): Promise<Said>;
}

const parsed = (text: string) => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** Asks a server something. */
export const askServer = async (
  url: string,
  token: string | null,
  path: string,
  asking: Asking = {},
): Promise<Said> => {
  const response = await fetch(url + path, {
    method: asking.method ?? (asking.body === undefined ? "GET" : "POST"),
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(asking.body === undefined ? {} : { "content-type": "application/json" }),
      ...asking.headers,
    },
    ...(asking.body === undefined ? {} : { body: JSON.stringify(asking.body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parsed(text) };
};

/** Registers somebody with a name of their own. */
export const newGuest = async (url: string, name = "guest"): Promise<Guest> => {
  const account = await signUp(url, `${name}-${randomBytes(4).toString("hex")}@example.com`);
  const token = (await account.api.http.credentials.token()) ?? "";
  return { ...account, token, ask: (path, asking) => askServer(url, token, path, asking) };
};
