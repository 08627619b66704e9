// Calls that make and change agents, and those that tell how they do.
import type { z } from "zod";
import {
  Agent,
  AgentMetrics,
  AgentVersionPage,
  type CreateAgentBody,
  type UpdateAgentBody,
} from "#schema/api/agents.ts";
import { Ok } from "#schema/api/common.ts";
import type { Http } from "./http.ts";

const at = (id: string): string => `/my/agents/${encodeURIComponent(id)}`;

/** A new agent of a project. */
export const createAgent = (http: Http, projectId: string, body: z.input<typeof CreateAgentBody>) =>
  http.call("POST", `/my/projects/${encodeURIComponent(projectId)}/agents`, Agent, { body });

/** A new version of an agent; with `if_version`, only when that is still the current one. */
export const changeAgent = (http: Http, id: string, body: UpdateAgentBody) => http.call("PUT", at(id), Agent, { body });

/** Deletes it, and its context with it. */
export const deleteAgent = (http: Http, id: string) => http.call("DELETE", at(id), Ok);

/** Its versions, newest first. */
export const agentVersions = (
  http: Http,
  id: string,
  page: { readonly limit?: number; readonly cursor?: string } = {},
) => http.call("GET", `${at(id)}/versions`, AgentVersionPage, { query: { ...page } });

/** Its figures since it was made. */
export const agentMetrics = (http: Http, id: string) => http.call("GET", `${at(id)}/metrics`, AgentMetrics);
