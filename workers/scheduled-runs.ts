// How the clock starts a run: an ordinary message in the project's own space, said by `service:schedule` on its owner's
// behalf. No request stands behind it; the space still checks the owner the schedule's row names.

import type { Database } from "#adapters/d1/database.ts";
import { rosterFor } from "#adapters/d1/due-schedules.ts";
import { storedOrchestrator } from "#adapters/d1/orchestrators.ts";
import { audienceOf } from "#domain/chat/target.ts";
import type { StartDeps } from "#domain/schedules/perform.ts";
import type { ScheduleRecord } from "#domain/schedules/record.ts";
import { SCHEDULE } from "#domain/schedules/tick.ts";
import type { SpaceDoor } from "#durable-objects/worker-space/door.ts";
import type { ProjectId } from "#schema/ids.ts";
import { ok, refuse } from "#schema/result.ts";

/** The hands of `startRun`. `space` reaches the space of a project. */
export const scheduledRuns = (
  db: Database,
  space: (project: { readonly project_id: ProjectId }) => SpaceDoor,
): StartDeps => {
  const reach = ({ projectId, ownerId }: ScheduleRecord) => ({
    space: space({ project_id: projectId }),
    caller: { user_id: ownerId, project_id: projectId, actor: SCHEDULE },
  });
  return {
    async toWhom(schedule) {
      const { agent, message: content, projectId, ownerId } = schedule;
      const [roster, { version: _version, ...orchestrator }] = await Promise.all([
        rosterFor(db, schedule),
        storedOrchestrator(db, projectId, ownerId),
      ]);
      if (agent === null) return audienceOf({ content }, roster, orchestrator);
      if (!roster.some(({ id }) => id === agent.id))
        return refuse("unknown_agent", "the agent of this schedule is gone");
      return audienceOf({ content, target_agent: agent.id }, roster, orchestrator);
    },

    async makeRoom(schedule, key) {
      const { space, caller } = reach(schedule);
      const made = await space.createRoom(caller, schedule.name, key);
      return made.ok ? ok(made.value.id) : made;
    },

    async post(schedule, room_id, to, key) {
      const { space, caller } = reach(schedule);
      const posted = await space.postMessage(caller, {
        room_id,
        content: schedule.message,
        to,
        metadata: { schedule_id: schedule.id },
        idempotency_key: key,
        wait_ms: 0,
      });
      if (!posted.ok) return posted;
      const { id: run_id, session_id } = posted.value.run;
      return ok({ run_id, session_id });
    },
  };
};
