// A room's feed, for as long as a page shows it.
import { useCallback } from "react";
import { type Retinue, sessionStream } from "#client/sdk/retinue.ts";
import { api } from "../../app/api.ts";
import { nextFrame } from "../../live/frame-state.ts";
import { pageWakes } from "../../live/line.ts";
import { useFeed } from "../../live/use-feed.ts";
import { RoomFeed, type RoomView } from "./room-feed.ts";
import type { Said } from "./story.ts";

const PAGE = 100;
/** So much a fork takes along is shown. */
const INHERITED = 100;

const inherited = async (sessionId: string, before: number): Promise<readonly Said[]> => {
  const { items } = await api.messages(sessionId, { limit: INHERITED });
  return items
    .filter(({ seq, run_id: runId }) => seq <= before || runId === null)
    .map(({ id, seq, created_at: at, role, content, agent, citations = [] }) => ({
      id,
      seq,
      at,
      role,
      content,
      agent: agent?.name ?? null,
      citations,
    }));
};

const feedOf = (projectId: string, sessionId: string): RoomFeed =>
  new RoomFeed({
    events: (cursor) => api.events(projectId, { room_id: sessionId, order: "desc", limit: PAGE, cursor }),
    inherited: (before) => inherited(sessionId, before),
    frames: (options: Parameters<Retinue["live"]>[1]) => api.live(sessionStream(sessionId), options),
    onWake: pageWakes,
    soon: nextFrame,
  });

/** What there is to see of a room, and the way to what came before. */
export const useRoom = (
  projectId: string,
  sessionId: string,
): { readonly view: RoomView; readonly earlier: () => void } => {
  const make = useCallback(() => feedOf(projectId, sessionId), [projectId, sessionId]);
  return useFeed(make);
};
