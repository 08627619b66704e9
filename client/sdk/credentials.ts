// What the client proves itself with: a fixed token, or a signed-in session whose tokens rotate. Refresh tokens are single
// use and using one twice revokes the family, so a rotation happens once at a time: one flight in this process, and one
// over all processes by the store's lock.
import type { AuthTokens } from "#schema/api/accounts.ts";
import { ApiError } from "./api-error.ts";

/** Where a request gets its bearer token. */
export interface Credentials {
  /** The token to send now; null when there is none. */
  token(): Promise<string | null>;
  /** Another token after `refused` was answered 401; null when there is no other. */
  renew(refused: string): Promise<string | null>;
}

/** Keeps a session's tokens. `replace` is exclusive over every process that shares the store. */
export interface TokenStore {
  read(): Promise<AuthTokens | null>;
  replace(work: (current: AuthTokens | null) => Promise<AuthTokens | null>): Promise<AuthTokens | null>;
}

/** No token at all: for the open routes. */
export const anonymous: Credentials = { token: async () => null, renew: async () => null };

/** An access token or API key given from outside; it is never renewed. */
export const fixedToken = (token: string): Credentials => ({ token: async () => token, renew: async () => null });

/** A store for programs that keep their tokens in memory. */
export const memoryStore = (tokens: AuthTokens | null): TokenStore => {
  let current = tokens;
  return {
    read: async () => current,
    replace: async (work) => {
      current = await work(current);
      return current;
    },
  };
};

/** A session that renews itself. */
export class SignedIn implements Credentials {
  readonly #store: TokenStore;
  readonly #rotate: (refreshToken: string) => Promise<AuthTokens>;
  #flight: Promise<string | null> | null = null;

  constructor(store: TokenStore, rotate: (refreshToken: string) => Promise<AuthTokens>) {
    this.#store = store;
    this.#rotate = rotate;
  }

  async token(): Promise<string | null> {
    return (await this.#store.read())?.access_token ?? null;
  }

  async renew(refused: string): Promise<string | null> {
    const known = await this.token();
    if (known !== null && known !== refused) return known;
    this.#flight ??= this.#renewOnce(refused).finally(() => {
      this.#flight = null;
    });
    return this.#flight;
  }

  async #renewOnce(refused: string): Promise<string | null> {
    const tokens = await this.#store.replace(async (current) => {
      // Another process may have rotated while this one waited for the lock: then its tokens are the ones to use.
      if (current === null || current.access_token !== refused) return current;
      try {
        return await this.#rotate(current.refresh_token);
      } catch (error) {
        // Only a clear no ends the session; a server that is away does not.
        if (error instanceof ApiError && error.status === 401) return null;
        throw error;
      }
    });
    return tokens?.access_token ?? null;
  }
}
