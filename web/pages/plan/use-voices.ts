// What is being said in a run right now, heard on the project's stream; drawn at most once a frame.
import { useEffect, useState, useSyncExternalStore } from "react";
import { useProjectFeed } from "../../live/feed-context.tsx";
import { FrameState, nextFrame } from "../../live/frame-state.ts";
import { hear, SILENCE, settle, type Voices } from "../chat/voices.ts";

/** The voices of one run, by step; silence while nobody speaks. */
export const useVoices = (runId: string): Voices => {
  const feed = useProjectFeed();
  const [state] = useState(() => new FrameState<{ readonly voices: Voices }>({ voices: SILENCE }, nextFrame));
  useEffect(
    () =>
      feed?.listen((frame) => {
        const { type, run_id: of } = frame.data;
        if (of !== runId || typeof type !== "string") return;
        const { voices } = state.now;
        const next = frame.seq === null ? hear(voices, frame) : settle(voices, type, frame);
        if (next !== voices) state.set({ voices: next });
      }),
    [feed, runId, state],
  );
  return useSyncExternalStore(state.subscribe, state.view).voices;
};
