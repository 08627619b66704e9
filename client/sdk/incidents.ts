// Calls about incidents: what went wrong in a project, and that it is put right.
import type { z } from "zod";
import { Incident, IncidentPage, type IncidentStatus, type OpenIncidentBody } from "#schema/api/incidents.ts";
import type { Http } from "./http.ts";

const inProject = (projectId: string) => ({ headers: { "x-workspace-id": projectId } });

/** A project's incidents, newest first. */
export const incidents = (
  http: Http,
  projectId: string,
  query: { readonly status?: IncidentStatus; readonly limit?: number; readonly cursor?: string } = {},
) => http.call("GET", "/v1/incidents", IncidentPage, { ...inProject(projectId), query });

/** Opens one. */
export const openIncident = (http: Http, projectId: string, body: z.input<typeof OpenIncidentBody>) =>
  http.call("POST", "/v1/incidents", Incident, { ...inProject(projectId), body });

/** Says that it is over, and how. */
export const resolveIncident = (http: Http, id: string, resolution?: string) =>
  http.call("POST", `/v1/incidents/${encodeURIComponent(id)}/resolve`, Incident, {
    body: resolution === undefined ? {} : { resolution },
  });
