// What an agent knew goes with the agent. The appointment to clear it is made before the agent is taken out of the database and
// performed after: a crash between the two loses neither.
import type { AppointmentCommand } from "#durable-objects/worker-space/timekeeping-door.ts";
import type { AgentRecord } from "#schema/api/agents.ts";
import type { ClearTask } from "./clear-contexts.ts";
import { unwrap } from "./errors.ts";
import type { ReachedSpace } from "./request-scope.ts";

/** How long a deletion may take until it is looked at whether it happened, ms. */
const LATER_MS = 60_000;

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
