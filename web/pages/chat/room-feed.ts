// One room, followed: its newest events, then everything after them as it happens, and what came before when it is asked for.
// The view changes at most once a frame, however fast the events come.
import type { EventPage } from "#schema/api/events.ts";
import type { LiveFrame } from "#schema/frames.ts";
import { FrameState, type Soon } from "../../live/frame-state.ts";
import { followLine, type OnWake, type OpenFrames } from "../../live/line.ts";
import { begin, loadEarlier, type PastView } from "../../live/past-feed.ts";
import { fromFrame, fromLog, type RoomEvent } from "./room-event.ts";
import { NOTHING_YET, type Said, type Story } from "./story.ts";
import { tell, tellAll, withInherited } from "./tell.ts";
import { hear, SILENCE, settle, type Voices } from "./voices.ts";

/** What a page shows of a room. */
export interface RoomView extends PastView {
  readonly story: Story;
  readonly voices: Voices;
}

/** What a feed needs of the world. */
export interface RoomFeedDeps {
  /** A page of the room's events, newest first. */
  events(cursor: string | undefined): Promise<EventPage>;
  /** The messages a fork took along, oldest first. */
  inherited(before: number): Promise<readonly Said[]>;
  readonly frames: OpenFrames;
  readonly onWake: OnWake;
  readonly soon: Soon;
}

const LOADING: RoomView = {
  state: "loading",
  error: null,
  story: NOTHING_YET,
  voices: SILENCE,
  isUp: true,
  hasEarlier: false,
  isFetching: false,
};

/** A room's feed; one for each time a page shows it. */
export class RoomFeed {
  readonly #deps: RoomFeedDeps;
  readonly #state: FrameState<RoomView>;
  #past: RoomEvent[] = [];
  #inherited: readonly Said[] = [];
  #cursor: string | null = null;
  #stop: (() => void) | null = null;
  readonly view: () => RoomView;
  readonly subscribe: (watcher: () => void) => () => void;

  constructor(deps: RoomFeedDeps) {
    this.#deps = deps;
    this.#state = new FrameState(LOADING, deps.soon);
    this.view = this.#state.view;
    this.subscribe = this.#state.subscribe;
  }

  /** Loads the end of the room's life and follows from there; returns how to end it. */
  readonly start = (): (() => void) =>
    begin(
      this.#state,
      () => this.#load(),
      () => this.#stop?.(),
    );

  /** Loads what came before. */
  readonly earlier = (): Promise<void> =>
    loadEarlier(this.#state, async () => {
      await this.#page();
      this.#retell();
    });

  async #load(): Promise<void> {
    await this.#page();
    this.#retell();
    const { forkedFrom } = this.#state.now.story;
    if (forkedFrom !== null) {
      this.#inherited = await this.#deps.inherited(forkedFrom.seq);
      this.#retell();
    }
    if (this.#state.hasEnded) return;
    this.#state.set({ state: "ready" });
    const ears = {
      frame: (frame: LiveFrame) => this.#hear(frame),
      up: (isUp: boolean) => this.#state.set({ isUp }),
      lost: (error: unknown) => this.#state.set({ state: "failed", error }),
    };
    this.#stop = followLine(this.#deps.frames, this.#state.now.story.seq, ears, this.#deps.onWake);
  }

  async #page(): Promise<void> {
    const page = await this.#deps.events(this.#cursor ?? undefined);
    this.#cursor = page.next_cursor;
    this.#past = [...page.items.map(fromLog).reverse(), ...this.#past];
  }

  #retell(): void {
    const story = withInherited(tellAll(NOTHING_YET, this.#past), this.#inherited);
    this.#state.set({ story, hasEarlier: this.#cursor !== null });
  }

  #hear(frame: LiveFrame): void {
    const event = fromFrame(frame);
    if (event === null) return this.#state.set({ voices: hear(this.#state.now.voices, frame) });
    this.#past.push(event);
    // Words that were taken out of the log go from here too: everything is told again without them.
    if (event.fact?.type === "event.redacted") return this.#without(event.fact.data.of.seq);
    this.#state.set({
      story: tell(this.#state.now.story, event),
      voices: settle(this.#state.now.voices, event.type, frame),
    });
  }

  #without(seq: number): void {
    this.#past = this.#past.map((event) => (event.seq === seq ? { ...event, fact: null } : event));
    this.#retell();
  }
}
