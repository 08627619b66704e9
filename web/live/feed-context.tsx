// The project at hand and its stream, for every page below.
import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react";
import { api } from "../app/api.ts";
import { ProjectFeed } from "./project-feed.ts";

const Feed = createContext<ProjectFeed | null>(null);

/** Listens to a project for as long as it is shown. */
export const FeedProvider = ({ projectId, children }: { readonly projectId: string; readonly children: ReactNode }) => {
  const queries = useQueryClient();
  const [feed, setFeed] = useState<ProjectFeed | null>(null);
  useEffect(() => {
    const next = new ProjectFeed(queries, projectId);
    setFeed(next);
    return next.start(api);
  }, [queries, projectId]);
  return <Feed value={feed}>{children}</Feed>;
};

/** The project's stream; null before it begins. */
export const useProjectFeed = (): ProjectFeed | null => useContext(Feed);

const always = () => true;
const never = () => () => {};

/** False while the line to the server is down. */
export const useLineUp = (): boolean => {
  const feed = useProjectFeed();
  return useSyncExternalStore(feed?.watch ?? never, feed?.isUp ?? always);
};
