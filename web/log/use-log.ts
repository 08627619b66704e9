// A part of a project's log, for as long as a page shows it.
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { projectStream, type Retinue } from "#client/sdk/retinue.ts";
import { api } from "../app/api.ts";
import { pageWakes } from "../live/line.ts";
import { isMeant, type LogFilter } from "./log-entry.ts";
import { LogFeed, type LogView } from "./log-feed.ts";

const PAGE = 100;

// A hidden page draws no frames, and must go on counting events all the same.
const soon = (work: () => void): void => {
  if (document.visibilityState === "hidden") setTimeout(work, 200);
  else requestAnimationFrame(work);
};

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
      soon,
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
  const [feed, setFeed] = useState(() => feedOf(projectId, asked, pagesAtFirst));
  useEffect(() => {
    const next = feedOf(projectId, asked, pagesAtFirst);
    setFeed(next);
    return next.start();
  }, [projectId, asked, pagesAtFirst]);
  const view = useSyncExternalStore(feed.subscribe, feed.view);
  return { view, earlier: () => void feed.earlier() };
};
