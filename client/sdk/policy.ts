// Calls about what may be done in a project: the kill switch, hosts, capabilities, and more time for an approval.
import { Approval } from "#schema/api/approvals.ts";
import { CapabilityList, CreatedCapability, type GrantCapabilityBody } from "#schema/api/capabilities.ts";
import { Ok } from "#schema/api/common.ts";
import { AllowedHostPage } from "#schema/api/hosts.ts";
import { KillSwitch } from "#schema/api/policy.ts";
import type { Http } from "./http.ts";

const inProject = (projectId: string) => ({ headers: { "x-workspace-id": projectId } });

/** Whether writing outside is stopped. */
export const killSwitch = (http: Http, projectId: string) =>
  http.call("GET", "/v1/policy/kill-switch", KillSwitch, inProject(projectId));

/** Stops every write outside, or lets it go on. */
export const setKillSwitch = (http: Http, projectId: string, externalWrite: boolean, reason?: string) =>
  http.call("PUT", "/v1/policy/kill-switch", KillSwitch, {
    ...inProject(projectId),
    body: { external_write: externalWrite, ...(reason === undefined ? {} : { reason }) },
  });

/** The project's capabilities, newest first. */
export const capabilities = (http: Http, projectId: string) =>
  http.call("GET", "/v1/capabilities", CapabilityList, inProject(projectId));

/** Gives one; its token is in this answer and nowhere else. */
export const grantCapability = (http: Http, projectId: string, body: GrantCapabilityBody) =>
  http.call("POST", "/v1/capabilities", CreatedCapability, { ...inProject(projectId), body });

/** Ends one, and everything that was passed on from it. */
export const revokeCapability = (http: Http, id: string) =>
  http.call("DELETE", `/v1/capabilities/${encodeURIComponent(id)}`, Ok);

/** Moves an approval's deadline, once; a day when it is not said by how much. */
export const holdApproval = (http: Http, id: string, seconds?: number) =>
  http.call("POST", `/my/approvals/${encodeURIComponent(id)}/hold`, Approval, {
    body: seconds === undefined ? {} : { hold_seconds: seconds },
  });

/** Hosts the project's agents may read from without asking. */
export const allowedHosts = (
  http: Http,
  projectId: string,
  page: { readonly limit?: number; readonly cursor?: string } = {},
) => http.call("GET", "/v1/policy/hosts", AllowedHostPage, { ...inProject(projectId), query: { ...page } });

/** Has agents ask again about a host. */
export const withdrawHost = (http: Http, projectId: string, host: string) =>
  http.call("DELETE", `/v1/policy/hosts/${encodeURIComponent(host)}`, Ok, inProject(projectId));
