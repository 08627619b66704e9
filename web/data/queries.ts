// What pages ask for, each under its key. The live stream of a project makes them stale (live/stale-after.ts), so that nobody
// has to poll.
import { queryOptions } from "@tanstack/react-query";
import { api } from "../app/api.ts";

const LONGEST_PAGE = 100;

/** Who is signed in. */
export const meQuery = queryOptions({ queryKey: ["me"], queryFn: () => api.me(), staleTime: Number.POSITIVE_INFINITY });

/** All of the account's projects. */
export const projectsQuery = queryOptions({
  queryKey: ["projects"],
  queryFn: async () => (await api.projects({ limit: LONGEST_PAGE })).items,
});

/** A project's sessions, newest first. */
export const sessionsQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["sessions", projectId],
    queryFn: async () => (await api.sessions(projectId, { limit: LONGEST_PAGE })).items,
  });

/** A project's agents. */
export const agentsQuery = (projectId: string) =>
  queryOptions({
    queryKey: ["agents", projectId],
    queryFn: async () => (await api.agents(projectId, { limit: LONGEST_PAGE })).items,
  });

/** What a project's worker space is doing: devices, agents, open questions. */
export const spaceQuery = (projectId: string) =>
  queryOptions({ queryKey: ["space", projectId], queryFn: () => api.space(projectId) });

/** Every question that waits, over all projects. Other projects have no stream here, so it is asked again by and by. */
export const openApprovalsQuery = queryOptions({
  queryKey: ["approvals", "pending"],
  queryFn: async () => (await api.approvals({ status: "pending", limit: LONGEST_PAGE })).items,
  refetchInterval: 45_000,
  // A tab that slept, or was cut off, may have missed any number of them.
  refetchOnWindowFocus: "always",
  refetchOnReconnect: "always",
});

/** The plan a question asks for. Another plan is another question. */
export const askedPlanQuery = (projectId: string, runId: string, approvalId: string) =>
  queryOptions({
    queryKey: ["plan", projectId, runId, approvalId],
    queryFn: () => api.runPlan(projectId, runId),
    staleTime: Number.POSITIVE_INFINITY,
  });
