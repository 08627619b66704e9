// What a project did: its runs, and what is told of each.
import { ArtifactPage, RunPage } from "#schema/api/runs.ts";
import type { Http } from "./http.ts";

interface Paging {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

const inProject = (projectId: string) => ({ headers: { "x-workspace-id": projectId } });

/** The project's runs, newest first. */
export const runsOf = (
  http: Http,
  projectId: string,
  query: Paging & { readonly mode?: string | undefined; readonly status?: string | undefined } = {},
) => http.call("GET", "/v1/runs", RunPage, { ...inProject(projectId), query: { ...query } });

/** What a run kept, without the contents. */
export const artifactsOf = (http: Http, projectId: string, runId: string, page: Paging = {}) =>
  http.call("GET", "/v1/artifacts", ArtifactPage, { ...inProject(projectId), query: { run_id: runId, ...page } });
