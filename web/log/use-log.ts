// A part of a project's log, for as long as a page shows it.
import { useCallback, useMemo } from "react";
import { projectStream, type Retinue } from "#client/sdk/retinue.ts";
import { api } from "../app/api.ts";
import { nextFrame } from "../live/frame-state.ts";
import { pageWakes } from "../live/line.ts";
import { useFeed } from "../live/use-feed.ts";
import { isMeant, type LogFilter } from "./log-entry.ts";
import { LogFeed, type LogView } from "./log-feed.ts";

const PAGE = 100;

const feedOf = (projectId: string, filter: LogFilter, pagesAtFirst: number): LogFeed => {
  const { room, run, type, principal, correlation } = filter;
  const asked = { room_id: room, run_id: run, type, principal, correlation_id: correlation };
  return new LogFeed(
    {
      head: async () => (await api.head(projectId)).seq,
      events: (cursor) => api.events(projectId, { ...asked, order: "desc", limit: PAGE, cursor }),
      isMeant: (entry) => isMeant(filter, entry),
      frames: (options: Parameters<Retinue["live"]>[1]) => api.live(projectStream(projectId), options),
      onWake: pageWakes,
      soon: nextFrame,
    },
    pagesAtFirst,
  );
};

/** What there is to see of it, and the way to what came before. */
export const useLog = (
  projectId: string,
  filter: LogFilter,
  pagesAtFirst = 1,
): { readonly view: LogView; readonly earlier: () => void } => {
  const { room, run, type, principal, correlation } = filter;
  const asked = useMemo(() => ({ room, run, type, principal, correlation }), [room, run, type, principal, correlation]);
  const make = useCallback(() => feedOf(projectId, asked, pagesAtFirst), [projectId, asked, pagesAtFirst]);
  return useFeed(make);
};
