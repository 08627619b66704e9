// Who is signed in here. The access token lives in this page's memory and nowhere else; the refresh token is the browser's, in
// a cookie no script sees. Tabs share that cookie, so they renew one after the other, tell each other what they got, and
// notice when another tab has become somebody else.
import { ApiError } from "#client/sdk/api-error.ts";
import type { Credentials } from "#client/sdk/credentials.ts";
import type { IssuedTokens } from "#schema/api/accounts.ts";

/** Where this page stands. `other`: another tab signed in as somebody else; everything shown here is of the one before. */
export type SessionState = "unknown" | "in" | "out" | "other";

/** What tabs tell each other. It stays in this browser, among pages of this origin. */
export type TabNotice =
  | { readonly kind: "renewed"; readonly token: string; readonly expiresAt: number }
  | { readonly kind: "ended" };

/** What the session needs of the browser and the server. */
export interface SessionDeps {
  /** Spends the cookie's token for an access token. */
  renew(): Promise<IssuedTokens>;
  /** Runs alone among all tabs, where the browser can do that. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  tell(notice: TabNotice): void;
  /** Whether this browser was signed in when it was last seen: spares a stranger's page a refusal. */
  readonly memory: { get(): boolean; set(signedIn: boolean): void };
  now(): number;
}

/** Renewed this long before its end, so that no request and no stream is refused for its age. */
const EARLY_MS = 60_000;

interface Held {
  readonly token: string;
  /** Unix seconds. */
  readonly expiresAt: number;
}

/** Whom an access token names; only to see whether it is still the same person. */
export const subjectOf = (token: string): string | null => {
  try {
    const payload = atob((token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/"));
    const { sub }: { sub?: unknown } = JSON.parse(payload);
    return typeof sub === "string" ? sub : null;
  } catch {
    return null;
  }
};

/** One page's part in the browser's session. */
export class BrowserSession implements Credentials {
  readonly #deps: SessionDeps;
  readonly #listeners = new Set<() => void>();
  #held: Held | null = null;
  #state: SessionState = "unknown";
  #flight: Promise<string | null> | null = null;

  constructor(deps: SessionDeps) {
    this.#deps = deps;
  }

  readonly state = (): SessionState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Finds out, once, whether this browser is signed in. Throws when the server does not answer. */
  async begin(): Promise<SessionState> {
    if (this.#state !== "unknown") return this.#state;
    if (this.#deps.memory.get()) await this.#renewed(null);
    else this.#to("out");
    return this.#state;
  }

  async token(): Promise<string | null> {
    if (this.#held === null || this.#state !== "in") return null;
    return this.#isFresh(this.#held) ? this.#held.token : this.#renewed(this.#held.token);
  }

  renew(refused: string): Promise<string | null> {
    return this.#renewed(refused);
  }

  /** Somebody signed in on this page. */
  entered(tokens: IssuedTokens): void {
    this.#held = null;
    this.#take({ token: tokens.access_token, expiresAt: tokens.expires_at });
    this.#tellOthers();
  }

  /** Somebody signed out on this page. */
  left(): void {
    this.#end();
    this.#deps.tell({ kind: "ended" });
  }

  /** Another tab said something. */
  heard(notice: TabNotice): void {
    if (notice.kind === "ended") return this.#end();
    this.#take(notice);
  }

  #renewed(refused: string | null): Promise<string | null> {
    this.#flight ??= this.#deps
      .alone(() => this.#renewOnce(refused))
      .finally(() => {
        this.#flight = null;
      });
    return this.#flight;
  }

  async #renewOnce(refused: string | null): Promise<string | null> {
    // While this tab waited for its turn, another may have renewed and told us.
    const held = this.#held;
    if (held !== null && held.token !== refused && this.#isFresh(held)) return held.token;
    try {
      const tokens = await this.#deps.renew();
      this.#take({ token: tokens.access_token, expiresAt: tokens.expires_at });
      this.#tellOthers();
    } catch (error) {
      // Only a clear no ends the session; a server that is away does not.
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      this.left();
    }
    return this.#state === "in" ? (this.#held?.token ?? null) : null;
  }

  #take(next: Held): void {
    const before = this.#held === null ? null : subjectOf(this.#held.token);
    if (this.#state === "other" || (before !== null && before !== subjectOf(next.token))) return this.#to("other");
    this.#held = { token: next.token, expiresAt: next.expiresAt };
    this.#deps.memory.set(true);
    this.#to("in");
  }

  #tellOthers(): void {
    if (this.#held !== null && this.#state === "in") this.#deps.tell({ kind: "renewed", ...this.#held });
  }

  #end(): void {
    this.#held = null;
    this.#deps.memory.set(false);
    if (this.#state !== "other") this.#to("out");
  }

  #isFresh({ expiresAt }: Held): boolean {
    return expiresAt * 1000 - this.#deps.now() > EARLY_MS;
  }

  #to(state: SessionState): void {
    if (this.#state === state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
