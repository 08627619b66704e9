// The port to the tools that the server itself executes. All of them only read: made again after a crash, they change nothing.

/** How a call of such a tool ended. */
export type ServerOutcome =
  | { readonly status: "succeeded"; readonly content: string; readonly bytes: number; readonly truncated: boolean }
  | { readonly status: "failed"; readonly code: string; readonly message: string };

/** The hands of these tools. None of them throws. */
export interface ServerTools {
  /** Fetches one page; `mayReach` answers for each exact host on the way. */
  readonly fetchPage: (url: string, mayReach: (host: string) => boolean, signal: AbortSignal) => Promise<ServerOutcome>;
  /** Null: no provider is configured. */
  readonly search: ((query: string, count: number, signal: AbortSignal) => Promise<ServerOutcome>) | null;
}
