// Everything that happens in the project at hand, heard once for the whole page: it makes what is shown stale, and hands
// every frame to whoever listens.
import type { QueryClient } from "@tanstack/react-query";
import { projectStream, type Retinue } from "#client/sdk/retinue.ts";
import type { LiveFrame } from "#schema/frames.ts";
import { followLine, pageWakes } from "./line.ts";
import { type Stale, staleAfter } from "./stale-after.ts";

/** Changes are gathered this long, so that a burst of events asks once. */
const GATHER_MS = 500;

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
  start(api: Retinue): () => void {
    let ended = false;
    api.head(this.#projectId).then(
      ({ seq }) => {
        if (ended) return;
        const open = (options: Parameters<Retinue["live"]>[1]) => api.live(projectStream(this.#projectId), options);
        const ears = {
          frame: (frame: LiveFrame) => this.#hear(frame),
          up: (isUp: boolean) => this.#say(isUp),
          lost: () => this.#say(false),
        };
        this.#stop = followLine(open, seq, ears, pageWakes);
      },
      () => this.#say(false),
    );
    return () => {
      ended = true;
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
  }
}
