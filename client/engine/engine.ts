// A small engine: it claims runs of a project, executes them one at a time by the handler it was given, and tells the server
// how they went. It keeps its lease alive at a third of its time, never says how a run went once its lease may be lost, gives
// back what it holds when it is told to stop, and outlives the server's restarts.
import type { Run } from "#schema/api/runs.ts";
import { backoffDelay, pause } from "../sdk/backoff.ts";
import type { EngineCalls, HeldLease } from "../sdk/engine-calls.ts";
import { isFinal, LeaseWatch } from "./lease-watch.ts";

/** What a handler makes of a run. */
export interface RunOutcome {
  readonly output?: Record<string, unknown> | undefined;
  /** Markdown for the room. */
  readonly message?: string | undefined;
}

/** How a handler says that a run cannot be done, with a code for programs. Anything else it throws is `engine_error`. */
export class RunFailure extends Error {
  override readonly name = "RunFailure";
  readonly code: string;
  readonly retry: boolean;

  constructor(code: string, message: string, retry = false) {
    super(message);
    this.code = code;
    this.retry = retry;
  }
}

/** Executes one run. The signal fires when the lease is lost or the engine stops: then nobody wants the outcome any more. */
export type RunHandler = (run: Run, lease: HeldLease, signal: AbortSignal) => Promise<RunOutcome>;

/** What happens, for whoever watches. */
export type EngineNotice =
  | { readonly kind: "claimed"; readonly run: string; readonly title: string; readonly fence: number }
  | { readonly kind: "completed" | "released"; readonly run: string }
  | { readonly kind: "failed" | "lost"; readonly run: string; readonly reason: string }
  | { readonly kind: "away"; readonly reason: string };

/** How an engine is wanted. */
export interface EngineOptions {
  readonly calls: EngineCalls;
  readonly projectId: string;
  readonly name: string;
  /** Seconds, 5 to 600. */
  readonly ttlSeconds: number;
  readonly handler: RunHandler;
  readonly notice?: ((notice: EngineNotice) => void) | undefined;
  /** Wakes an engine that waits for work; absent: it only looks from time to time. */
  readonly wake?: AsyncIterable<unknown> | undefined;
  /** Stop once nothing waits. */
  readonly once?: boolean | undefined;
}

const IDLE = { firstMs: 250, capMs: 5_000 };
const AWAY = { firstMs: 200, capMs: 3_000 };

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export class Engine {
  readonly #options: EngineOptions;
  #nudge = new AbortController();

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** Works until the signal fires; a run in hand is then given back. A server that says no for good ends it (ApiError). */
  async run(signal: AbortSignal): Promise<void> {
    const waking = this.#listen(signal);
    let idle = 0;
    let away = 0;
    while (!signal.aborted) {
      const since = performance.now();
      const nudge = this.#nudge.signal;
      const claim = await this.#claim().catch((error: unknown) => {
        if (isFinal(error)) throw error;
        return error instanceof Error ? error : new Error(String(error));
      });
      if (claim instanceof Error) {
        this.#say({ kind: "away", reason: claim.message });
        await pause(backoffDelay(AWAY, away++, Math.random()), signal);
        continue;
      }
      away = 0;
      if (claim === null) {
        if (this.#options.once === true) break;
        await pause(backoffDelay(IDLE, idle++, Math.random()), AbortSignal.any([signal, nudge]));
        if (nudge.aborted) idle = 0;
        continue;
      }
      idle = 0;
      await this.#execute(claim.run, claim.lease, since, signal);
    }
    await waking;
  }

  async #claim(): Promise<{ readonly run: Run; readonly lease: HeldLease } | null> {
    const { calls, projectId, name, ttlSeconds } = this.#options;
    const { run, lease } = await calls.claim(projectId, name, ttlSeconds);
    if (run === null || lease === null) return null;
    return { run, lease: { runId: run.id, token: lease.token, fence: lease.fence } };
  }

  async #execute(run: Run, lease: HeldLease, since: number, stop: AbortSignal): Promise<void> {
    const { calls, handler, ttlSeconds } = this.#options;
    this.#say({ kind: "claimed", run: run.id, title: run.title ?? "", fence: lease.fence });
    const watch = new LeaseWatch(calls, lease, ttlSeconds * 1000, since);
    const done = new AbortController();
    const beating = watch.beat(done.signal);
    try {
      const unwanted = AbortSignal.any([stop, watch.lost]);
      const tell = await handler(run, lease, unwanted).then(
        (outcome) => ({ how: "completed" as const, said: () => calls.complete(lease, outcome), reason: "" }),
        (error: unknown) => {
          const failure = error instanceof RunFailure ? error : new RunFailure("engine_error", reasonOf(error));
          const { code, message, retry } = failure;
          const body = { error: { code, message: message.slice(0, 4_000) }, retry };
          return { how: "failed" as const, said: () => calls.fail(lease, body), reason: message };
        },
      );
      // What a handler says after it was told to stop is not an outcome; a lease that may be lost is not one to speak under.
      if (!watch.held()) return this.#say({ kind: "lost", run: run.id, reason: reasonOf(watch.lost.reason) });
      if (stop.aborted) return await this.#release(lease, watch);
      await this.#insist(tell.said, watch);
      this.#say(
        tell.how === "failed"
          ? { kind: "failed", run: run.id, reason: tell.reason }
          : { kind: "completed", run: run.id },
      );
    } catch (error) {
      this.#say({ kind: "lost", run: run.id, reason: reasonOf(error) });
    } finally {
      done.abort();
      await beating;
    }
  }

  async #release(lease: HeldLease, watch: LeaseWatch): Promise<void> {
    await this.#insist(() => this.#options.calls.release(lease, "the engine stops"), watch);
    this.#say({ kind: "released", run: lease.runId });
  }

  // Says it again while the server is away, for as long as the lease is held; a second hearing of the same is harmless.
  async #insist(say: () => Promise<unknown>, watch: LeaseWatch): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await say();
        return;
      } catch (error) {
        if (isFinal(error)) throw error;
        await pause(backoffDelay(AWAY, attempt, Math.random()), watch.lost);
        if (!watch.held()) throw error;
      }
    }
  }

  async #listen(signal: AbortSignal): Promise<void> {
    const { wake } = this.#options;
    if (wake === undefined) return;
    try {
      for await (const _ of wake) {
        if (signal.aborted) return;
        this.#nudge.abort();
        this.#nudge = new AbortController();
      }
    } catch {
      // Without ears it still looks from time to time.
    }
  }

  #say(notice: EngineNotice): void {
    this.#options.notice?.(notice);
  }
}
