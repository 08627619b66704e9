// What the page of usage asks for; runs that end make it stale.
import { queryOptions } from "@tanstack/react-query";
import type { UsageGroup } from "#schema/api/usage.ts";
import { api } from "../../app/api.ts";

/** Sums over some days, of one project or of all. */
export const usageQuery = (group: UsageGroup, days: number, projectId: string | undefined) =>
  queryOptions({
    queryKey: ["usage", group, days, projectId ?? "all"],
    queryFn: () => api.usage({ group, days, project_id: projectId }),
  });

/** The account's budget of this month. */
export const budgetQuery = queryOptions({ queryKey: ["usage", "budget"], queryFn: () => api.budget() });

/** How a project's orchestrator works, its own budget among it. */
export const orchestratorQuery = (projectId: string) =>
  queryOptions({ queryKey: ["orchestrator", projectId], queryFn: () => api.orchestrator(projectId) });
