// Whose context, said once for the doors and for the spaces.
import { type AgentId, agentContextName, keyOf, type ProjectId, type UserId } from "#schema/ids.ts";
import type { ContextRef } from "./port.ts";

/** An agent whose owner was proven: by a request's scope, or by a space's own. */
export interface OwnedAgent {
  readonly userId: UserId;
  readonly projectId: ProjectId;
  readonly agentId: AgentId;
  readonly name: string;
}

/** The ref of an agent's context. */
export const contextRef = (
  { userId, projectId, agentId, name }: OwnedAgent,
  { model, dimensions }: ContextRef["embedding"],
): ContextRef => ({
  userId,
  projectId,
  agentId,
  collection: agentContextName(keyOf(userId), keyOf(projectId), name),
  embedding: { model, dimensions },
});
