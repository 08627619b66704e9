// What an agent knew goes with the agent. The appointment is made before the agent is taken out of the database and performed
// after: an agent that is still there by then was not deleted, and keeps its context. So a crash between the two loses neither.
import type { ExistingAgents } from "#adapters/d1/existing-agents.ts";
import type { ContextRef, ContextStore } from "#domain/context/port.ts";
import { contextRef } from "#domain/context/ref.ts";
import type { AppointmentCommand } from "#durable-objects/worker-space/timekeeping-door.ts";
import type { AgentRecord } from "#schema/api/agents.ts";
import type { Task } from "#schema/jobs.ts";
import { unwrap } from "./errors.ts";
import type { ReachedSpace } from "./request-scope.ts";

type ClearTask = Extract<Task, { kind: "context_clear" }>;

/** What clearing needs of the world. */
export interface ClearDeps {
  readonly agents: ExistingAgents;
  readonly context: () => { readonly store: ContextStore; readonly embedding: ContextRef["embedding"] };
}

/** How long a deletion may take until it is looked at whether it happened, ms. */
const LATER_MS = 60_000;

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

/** Deletes agents, or the project they are in, and has what they knew deleted however this ends. */
export const deleting = async <T>(
  { space, caller }: ReachedSpace,
  name: string,
  agents: readonly Pick<AgentRecord, "id" | "name">[],
  now: () => number,
  remove: () => Promise<T>,
): Promise<T> => {
  const task: ClearTask = {
    kind: "context_clear",
    project_id: caller.project_id,
    owner_id: caller.user_id,
    agents: agents.map(({ id, name: called }) => ({ id, name: called })),
  };
  const appointed = (due_at: number): AppointmentCommand => ({ id: `context_clear:${name}`, due_at, task });
  unwrap(await space.appoint(caller, appointed(now() + LATER_MS)));
  const done = await remove();
  // It happened: no reason to wait. Were this telling lost, the first one stands.
  await space.appoint(caller, appointed(now())).catch(() => {});
  return done;
};
