// Ends one model call: when the caller stops it, when it takes too long as a whole, or when the server falls silent.
// The verdict is given before the transport is aborted, so it never depends on how a transport reports its abort.

/** Why a call was ended from our side. */
export type WatchVerdict = "aborted" | "timeout" | "idle";

const LONGEST_TIMER = 2_147_483_647;

const timerLength = (milliseconds: number): number => Math.max(1, Math.min(LONGEST_TIMER, Math.round(milliseconds)));

/** Watches one call. `close` must be called when it is over. */
export class CallWatch {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal;
  readonly #deadline: number;
  readonly #idleMs: number;
  readonly #onCallerAbort = () => this.#end("aborted");
  #timer: ReturnType<typeof setTimeout>;
  #lastSign = Date.now();
  #heard = false;
  #settle: (verdict: WatchVerdict) => void = () => {};
  #verdict: WatchVerdict | null = null;
  /** Settles only when the call was ended from our side. */
  readonly ended: Promise<WatchVerdict>;

  constructor(caller: AbortSignal, timeoutMs: number, idleMs: number) {
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#caller = caller;
    this.#deadline = Date.now() + timerLength(timeoutMs);
    this.#idleMs = timerLength(idleMs);
    this.#timer = this.#lookAgain();
    if (caller.aborted) this.#end("aborted");
    else caller.addEventListener("abort", this.#onCallerAbort, { once: true });
  }

  /** For the transport. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why the call was ended, or null while it may go on. */
  get verdict(): WatchVerdict | null {
    return this.#verdict;
  }

  /** The server gave a sign of life. */
  alive(): void {
    this.#lastSign = Date.now();
    this.#heard = true;
  }

  /** Whether it ever did. */
  get heard(): boolean {
    return this.#heard;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#caller.removeEventListener("abort", this.#onCallerAbort);
  }

  /** One timer for both limits, set anew when it fires: not one each, and not one per chunk. */
  #lookAgain(): ReturnType<typeof setTimeout> {
    const next = Math.min(this.#deadline, this.#lastSign + this.#idleMs);
    return setTimeout(
      () => {
        const now = Date.now();
        if (now >= this.#deadline) this.#end("timeout");
        else if (now >= this.#lastSign + this.#idleMs) this.#end("idle");
        else this.#timer = this.#lookAgain();
      },
      timerLength(next - Date.now()),
    );
  }

  #end(verdict: WatchVerdict): void {
    if (this.#verdict !== null) return;
    this.#verdict = verdict;
    this.#settle(verdict);
    this.#controller.abort();
  }
}
