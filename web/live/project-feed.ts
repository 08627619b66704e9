// Everything that happens in the project at hand, heard once for the whole page: it makes what is shown stale, and hands
// every frame to whoever listens.
import type { QueryClient } from "@tanstack/react-query";
import { ApiError } from "#client/sdk/api-error.ts";
import { projectStream, type Retinue } from "#client/sdk/retinue.ts";
import type { LiveFrame } from "#schema/frames.ts";
import { followLine, pageWakes } from "./line.ts";
import { type Stale, staleAfter } from "./stale-after.ts";

/** Changes are gathered this long, so that a burst of events asks once. */
const GATHER_MS = 500;
/** A beginning that failed is made again after this long. */
const AGAIN_MS = 5_000;

const isLasting = (error: unknown): boolean => error instanceof ApiError && error.status < 500 && error.status !== 429;

const typeOf = (frame: LiveFrame): string => (typeof frame.data.type === "string" ? frame.data.type : "");

/** One project's stream. */
export class ProjectFeed {
  readonly #listeners = new Set<(frame: LiveFrame) => void>();
  readonly #watchers = new Set<() => void>();
  readonly #stale = new Map<string, Stale>();
  readonly #queries: QueryClient;
  readonly #projectId: string;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isUp = true;
  #stop: (() => void) | null = null;

  constructor(queries: QueryClient, projectId: string) {
    this.#queries = queries;
    this.#projectId = projectId;
  }

  /** Begins to listen; returns how to end it. */
  start(api: Pick<Retinue, "head" | "live">): () => void {
    let ended = false;
    let again: ReturnType<typeof setTimeout> | undefined;
    const begin = async () => {
      try {
        const { seq } = await api.head(this.#projectId);
        if (ended) return;
        const open = (options: Parameters<Retinue["live"]>[1]) => api.live(projectStream(this.#projectId), options);
        const ears = {
          frame: (frame: LiveFrame) => this.#hear(frame),
          up: (isUp: boolean) => this.#say(isUp),
          lost: () => this.#say(false),
        };
        this.#stop = followLine(open, seq, ears, pageWakes);
      } catch (error) {
        if (ended) return;
        this.#say(false);
        if (!isLasting(error)) again = setTimeout(begin, AGAIN_MS);
      }
    };
    begin();
    return () => {
      ended = true;
      clearTimeout(again);
      clearTimeout(this.#timer);
      this.#stop?.();
    };
  }

  readonly listen = (listener: (frame: LiveFrame) => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Whether the line is there; for `useSyncExternalStore`. */
  readonly isUp = (): boolean => this.#isUp;
  readonly watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  #hear(frame: LiveFrame): void {
    for (const stale of staleAfter(typeOf(frame), frame.seq !== null)) this.#stale.set(stale.key, stale);
    if (this.#stale.size > 0) this.#timer ??= setTimeout(() => this.#flush(), GATHER_MS);
    for (const listener of this.#listeners) listener(frame);
  }

  #flush(): void {
    this.#timer = undefined;
    for (const { key, of } of this.#stale.values())
      this.#queries.invalidateQueries({ queryKey: of === "account" ? [key] : [key, this.#projectId] });
    this.#stale.clear();
  }

  #say(isUp: boolean): void {
    if (this.#isUp === isUp) return;
    this.#isUp = isUp;
    for (const watcher of this.#watchers) watcher();
    // What could not be had while the server was away can be now.
    if (isUp) this.#queries.refetchQueries({ type: "active", predicate: ({ state }) => state.status === "error" });
  }
}
