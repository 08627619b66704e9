// What pages ask for about runs. Under `runs`, so that every event about a run makes it stale.
import { infiniteQueryOptions } from "@tanstack/react-query";
import { runsOf } from "#client/sdk/run-record.ts";
import { api } from "../app/api.ts";

const PAGE = 30;

/** The project's runs, newest first, page by page; of one mode, or all. */
export const runsQuery = (projectId: string, mode?: "direct" | "orchestrated" | "external") =>
  infiniteQueryOptions({
    queryKey: ["runs", projectId, mode ?? "all"],
    queryFn: ({ pageParam }) => runsOf(api.http, projectId, { mode, limit: PAGE, cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor: cursor }) => cursor ?? undefined,
  });
