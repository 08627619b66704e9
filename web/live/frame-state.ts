// What a feed shows, changed as often as it likes and drawn at most once a frame.

/** Runs `work` once, soon. */
export type Soon = (work: () => void) => void;

/** The page's own: a hidden page draws no frames, and must go on counting events all the same. */
export const nextFrame: Soon = (work) => {
  if (document.visibilityState === "hidden") setTimeout(work, 200);
  else requestAnimationFrame(work);
};

/** A view, and those who draw it; for `useSyncExternalStore`. */
export class FrameState<V extends object> {
  readonly #soon: Soon;
  readonly #drawn: (now: V) => V;
  readonly #watchers = new Set<() => void>();
  #now: V;
  #shown: V;
  #isScheduled = false;
  #ended = false;

  /** `drawn` makes what is shown of what is, once a frame. */
  constructor(first: V, soon: Soon, drawn: (now: V) => V = (now) => now) {
    this.#now = first;
    this.#shown = first;
    this.#soon = soon;
    this.#drawn = drawn;
  }

  /** As it is drawn. */
  readonly view = (): V => this.#shown;
  readonly subscribe = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  /** As it is by now, drawn or not. */
  get now(): V {
    return this.#now;
  }

  /** Nobody is told anything after the end. */
  get hasEnded(): boolean {
    return this.#ended;
  }

  set(changes: Partial<V>): void {
    this.#now = { ...this.#now, ...changes };
    if (this.#isScheduled || this.#ended) return;
    this.#isScheduled = true;
    this.#soon(() => {
      this.#isScheduled = false;
      this.#shown = this.#drawn(this.#now);
      for (const watcher of this.#watchers) watcher();
    });
  }

  end(): void {
    this.#ended = true;
  }
}
