// A live line that a page holds on to: it resumes where it was after every break, and is made anew at once when the page
// wakes up or the network comes back, instead of waiting for silence to be noticed.
import type { LiveOptions } from "#client/sdk/live.ts";
import type { LiveFrame } from "#schema/frames.ts";

/** Opens frames from a position on; the client's `live`. */
export type OpenFrames = (options: LiveOptions) => AsyncIterable<LiveFrame>;

/** What a line tells its owner. */
export interface LineEars {
  frame(frame: LiveFrame): void;
  up(isUp: boolean): void;
  /** The server said no for good. */
  lost(error: unknown): void;
}

/** How long a line may take to come up before its owner is told that there is none. */
const PATIENCE_MS = 2_500;
/** A pause after which a line that claims to be up is not believed. */
const ASLEEP_MS = 20_000;

/** When somebody should look whether the line still holds; returns how to stop asking. */
export type OnWake = (wake: () => void) => () => void;

/** The page's own reasons to look: it is seen again after a pause, or the network came back. */
export const pageWakes: OnWake = (wake) => {
  let hiddenAt: number | null = null;
  const seen = () => {
    if (document.visibilityState === "hidden") hiddenAt = Date.now();
    else if (hiddenAt !== null && Date.now() - hiddenAt > ASLEEP_MS) wake();
  };
  document.addEventListener("visibilitychange", seen);
  window.addEventListener("online", wake);
  return () => {
    document.removeEventListener("visibilitychange", seen);
    window.removeEventListener("online", wake);
  };
};

/** Follows until it is told to stop. Every stored frame is handed over once and in order, whatever breaks meanwhile. */
export const followLine = (open: OpenFrames, fromSeq: number, ears: LineEars, onWake: OnWake): (() => void) => {
  const over = new AbortController();
  let cursor = fromSeq;
  let line = new AbortController();
  const stopWaking = onWake(() => line.abort());

  const follow = async () => {
    while (!over.signal.aborted) {
      line = new AbortController();
      const signal = AbortSignal.any([line.signal, over.signal]);
      // A line that never came up does not go down either.
      const doubt = setTimeout(() => ears.up(false), PATIENCE_MS);
      const onLine = (isUp: boolean) => {
        clearTimeout(doubt);
        if (!signal.aborted) ears.up(isUp);
      };
      try {
        for await (const frame of open({ fromSeq: cursor, signal, onLine })) {
          if (over.signal.aborted) return;
          if (frame.seq !== null) {
            if (frame.seq <= cursor) continue;
            cursor = frame.seq;
          }
          ears.frame(frame);
        }
      } catch (error) {
        if (!signal.aborted) return ears.lost(error);
      } finally {
        clearTimeout(doubt);
      }
    }
  };
  follow();
  return () => {
    stopWaking();
    over.abort();
  };
};
