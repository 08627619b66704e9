// The embedded hand of the scheduler: the project's own space keeps an appointment and its alarm. A schedule has one
// appointment, under its own id, for its next tick; a delay has one under its key.
import type { ScheduleRef, Scheduler, Timing } from "#domain/schedules/scheduler.ts";
import type { ProjectId, UserId } from "#schema/ids.ts";
import type { Task } from "#schema/jobs.ts";
import type { SpaceCaller } from "#schema/principal.ts";
import type { Result } from "#schema/result.ts";
import type { TimekeepingDoor } from "./worker-space/timekeeping-door.ts";

/** The part of a space that keeps time. */
export type TimekeepingSpace = Pick<TimekeepingDoor, "appoint" | "dismissAppointment">;

const must = async (asked: Promise<Result<unknown>>): Promise<void> => {
  const answer = await asked;
  if (!answer.ok) throw new Error(`the space refused: ${answer.refusal.code}`);
};

/** Time kept by the spaces themselves. `space` reaches one by its project. */
export const embeddedScheduler = (
  space: (project: { readonly project_id: ProjectId }) => TimekeepingSpace,
): Scheduler => {
  const at = (project_id: ProjectId, user_id: UserId): { keeper: TimekeepingSpace; caller: SpaceCaller } => ({
    keeper: space({ project_id }),
    caller: { user_id, project_id },
  });
  const appoint = (id: string, due_at: number, task: Task): Promise<void> => {
    const { keeper, caller } = at(task.project_id, task.owner_id);
    return must(keeper.appoint(caller, { id, due_at, task }));
  };
  const put = ({ id, projectId, ownerId, nextRunAt }: Timing): Promise<void> =>
    appoint(id, nextRunAt, {
      kind: "schedule_due",
      project_id: projectId,
      owner_id: ownerId,
      schedule_id: id,
      replan: false,
    });

  return {
    put,
    next: put,
    remove: ({ id, projectId, ownerId }: ScheduleRef) => {
      const { keeper, caller } = at(projectId, ownerId);
      return must(keeper.dismissAppointment(caller, id));
    },
    delay: (key, task, instant) => appoint(key, instant, task),
  };
};
