// How the clock starts a run: an ordinary message in the project's own space, said by `service:schedule` on its owner's
// behalf. No request stands behind it; the space still checks the owner the schedule's row names.

import type { Database } from "#adapters/d1/database.ts";
import { agentOfSchedule } from "#adapters/d1/due-schedules.ts";
import type { StartDeps } from "#domain/schedules/perform.ts";
import type { ScheduleRecord } from "#domain/schedules/record.ts";
import { SCHEDULE } from "#domain/schedules/tick.ts";
import type { SpaceDoor } from "#durable-objects/worker-space/door.ts";
import type { ProjectId } from "#schema/ids.ts";
import { ok } from "#schema/result.ts";

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
    agentOf: (schedule) => agentOfSchedule(db, schedule),

    async makeRoom(schedule, key) {
      const { space, caller } = reach(schedule);
      const made = await space.createRoom(caller, schedule.name, key);
      return made.ok ? ok(made.value.id) : made;
    },

    async post(schedule, room_id, agent, key) {
      const { space, caller } = reach(schedule);
      const posted = await space.postMessage(caller, {
        room_id,
        content: schedule.message,
        to: { kind: "agent", agent, limitUsd: null, projectLimitUsd: null },
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
