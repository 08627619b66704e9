// Events of the log, followed: the newest page, then everything after it as it happens, and what came before when it is asked
// for. Each is there once, in its order, whatever the line does meanwhile. The view changes at most once a frame.
import type { EventPage } from "#schema/api/events.ts";
import type { LiveFrame } from "#schema/frames.ts";
import { FrameState, type Soon } from "../live/frame-state.ts";
import { followLine, type OnWake, type OpenFrames } from "../live/line.ts";
import { begin, loadEarlier, type PastView } from "../live/past-feed.ts";
import { entryIn, entryOf, type LogEntry } from "./log-entry.ts";

/** What there is of the log. */
export interface LogView extends PastView {
  /** Oldest first. */
  readonly entries: readonly LogEntry[];
}

/** What a feed needs of the world. */
export interface LogFeedDeps {
  /** Where the log ends now. */
  head(): Promise<number>;
  /** A page of the events meant, newest first. */
  events(cursor: string | undefined): Promise<EventPage>;
  readonly isMeant: (entry: LogEntry) => boolean;
  readonly frames: OpenFrames;
  readonly onWake: OnWake;
  readonly soon: Soon;
}

const LOADING: LogView = {
  state: "loading",
  error: null,
  entries: [],
  hasEarlier: false,
  isFetching: false,
  isUp: true,
};

/** One question about the log, followed. */
export class LogFeed {
  readonly #deps: LogFeedDeps;
  readonly #pagesAtFirst: number;
  readonly #state: FrameState<LogView>;
  #entries: LogEntry[] = [];
  #cursor: string | null = null;
  #stop: (() => void) | null = null;
  readonly view: () => LogView;
  readonly subscribe: (watcher: () => void) => () => void;

  /** `pagesAtFirst`: so many are loaded at once, where everything is wanted. */
  constructor(deps: LogFeedDeps, pagesAtFirst = 1) {
    this.#deps = deps;
    this.#pagesAtFirst = pagesAtFirst;
    // Entries come one by one, and are copied once for all that came since the last frame.
    this.#state = new FrameState(LOADING, deps.soon, (now) => ({ ...now, entries: [...this.#entries] }));
    this.view = this.#state.view;
    this.subscribe = this.#state.subscribe;
  }

  /** Loads and follows; returns how to end it. */
  readonly start = (): (() => void) =>
    begin(
      this.#state,
      () => this.#load(),
      () => this.#stop?.(),
    );

  /** Loads what came before. */
  readonly earlier = (): Promise<void> => loadEarlier(this.#state, () => this.#page());

  async #load(): Promise<void> {
    // The end is asked for before the page: what happens in between is in both, and taken once.
    const head = await this.#deps.head();
    await this.#page();
    for (let page = 1; page < this.#pagesAtFirst && this.#cursor !== null && !this.#state.hasEnded; page += 1)
      await this.#page();
    if (this.#state.hasEnded) return;
    this.#state.set({ state: "ready" });
    const ears = {
      frame: (frame: LiveFrame) => this.#hear(frame),
      up: (isUp: boolean) => this.#state.set({ isUp }),
      lost: () => this.#state.set({ isUp: false }),
    };
    this.#stop = followLine(this.#deps.frames, head, ears, this.#deps.onWake);
  }

  async #page(): Promise<void> {
    const page = await this.#deps.events(this.#cursor ?? undefined);
    this.#cursor = page.next_cursor;
    this.#entries = [...page.items.map(entryOf).reverse(), ...this.#entries];
    this.#state.set({ hasEarlier: this.#cursor !== null, error: null });
  }

  #hear(frame: LiveFrame): void {
    const entry = entryIn(frame);
    if (entry === null) return;
    if (entry.type === "event.redacted") this.#without(entry);
    if (entry.seq <= (this.#entries.at(-1)?.seq ?? 0) || !this.#deps.isMeant(entry)) return;
    this.#entries.push(entry);
    this.#state.set({});
  }

  // Words that were taken out of the log go from here too.
  #without({ data }: LogEntry): void {
    const of = data?.of;
    if (typeof of !== "object" || of === null || !("seq" in of)) return;
    this.#entries = this.#entries.map((one) => (one.seq === of.seq ? { ...one, data: null } : one));
    this.#state.set({});
  }
}
