// What the feeds of pages have in common: a beginning that may fail, a past that is loaded page by page, and an end.
import type { FrameState } from "./frame-state.ts";

/** How such a feed stands; each shows more of its own. */
export interface PastView {
  readonly state: "loading" | "ready" | "failed";
  readonly error: unknown;
  /** There is more before what is shown. */
  readonly hasEarlier: boolean;
  readonly isFetching: boolean;
  readonly isUp: boolean;
}

type State = Pick<FrameState<PastView>, "now" | "end"> & { set(changes: Partial<PastView>): void };

/** Loads and follows; returns how to end it. `stop` ends the line, if there is one by then. */
export const begin = (state: State, load: () => Promise<void>, stop: () => void): (() => void) => {
  load().catch((error: unknown) => state.set({ state: "failed", error }));
  return () => {
    state.end();
    stop();
  };
};

/** Loads a page of what came before: one at a time, and none where there is no more. */
export const loadEarlier = async (state: State, page: () => Promise<void>): Promise<void> => {
  if (!state.now.hasEarlier || state.now.isFetching) return;
  state.set({ isFetching: true });
  try {
    await page();
    state.set({ error: null });
  } catch (error) {
    state.set({ error });
  } finally {
    state.set({ isFetching: false });
  }
};
