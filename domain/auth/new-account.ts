// What comes into being when somebody registers: a user, a default project, and its starter agents.
import type { AgentRecord } from "#schema/api/agents.ts";
import type { MintId, ProjectId, UserId } from "#schema/ids.ts";
import { starterAgents } from "../agents/records.ts";

/** How the owner of an account proves it: by password, or by a token of another issuer. */
export type AccountProof =
  | { readonly email: string; readonly passwordHash: string }
  | { readonly issuer: string; readonly subject: string };

/** Everything of a new account; written at once or not at all. */
export interface NewAccount {
  readonly userId: UserId;
  readonly proof: AccountProof;
  readonly projectId: ProjectId;
  readonly projectName: string;
  readonly agents: readonly AgentRecord[];
  readonly now: number;
}

/** A new account, not yet written. */
export const newAccount = (proof: AccountProof, mintId: MintId, now: number): NewAccount => {
  const userId = mintId("user");
  const projectId = mintId("project");
  const agents = starterAgents({ userId, projectId }, mintId, now);
  return { userId, proof, projectId, projectName: "Default", agents, now };
};
