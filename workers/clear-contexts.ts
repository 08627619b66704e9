// What an agent knew goes with the agent: the contexts of agents that are gone are cleared. An agent that is still there was not
// deleted, and keeps its own. `delete-agents.ts` sees to it that this is asked for.
import type { ExistingAgents } from "#adapters/d1/existing-agents.ts";
import type { ContextRef, ContextStore } from "#domain/context/port.ts";
import { contextRef } from "#domain/context/ref.ts";
import type { Task } from "#schema/jobs.ts";

/** The contexts of these agents are to go, if the agents are gone. */
export type ClearTask = Extract<Task, { kind: "context_clear" }>;

/** What clearing needs of the world. */
export interface ClearDeps {
  readonly agents: ExistingAgents;
  readonly context: () => { readonly store: ContextStore; readonly embedding: ContextRef["embedding"] };
}

/** Clears the contexts of those agents that are gone. Throws when one cannot be, so that it is tried again. */
export const clearContexts = async (deps: ClearDeps, task: ClearTask): Promise<void> => {
  const { owner_id: userId, project_id: projectId } = task;
  const there = await deps.agents(
    userId,
    projectId,
    task.agents.map(({ id }) => id),
  );
  const { store, embedding } = deps.context();
  for (const { id, name } of task.agents) {
    if (there.has(id)) continue;
    const cleared = await store.clear(contextRef({ userId, projectId, agentId: id, name }, embedding));
    if (!cleared.ok) throw new Error(`a context was not cleared: ${cleared.refusal.code}`);
  }
};
