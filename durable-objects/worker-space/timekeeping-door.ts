// What a worker space can be asked as the keeper of its project's time.
import type { RunStatus } from "#schema/api/runs.ts";
import type { RunId } from "#schema/ids.ts";
import type { Task } from "#schema/jobs.ts";
import type { SpaceCaller } from "#schema/principal.ts";
import type { Result } from "#schema/result.ts";

/** Something to be asked for at a time. One of the same id takes the place of the one before. */
export interface AppointmentCommand {
  readonly id: string;
  readonly due_at: number;
  readonly task: Task;
}

export interface TimekeepingDoor {
  /** Has a task sent to the queue at a time, again and again until it is confirmed. */
  appoint(caller: SpaceCaller, appointment: AppointmentCommand): Promise<Result<{ appointed: true }>>;
  /** What was appointed under this id was done. One that was appointed anew since stays. */
  confirmAppointment(caller: SpaceCaller, id: string, dueAt: number): Promise<Result<{ confirmed: true }>>;
  dismissAppointment(caller: SpaceCaller, id: string): Promise<Result<{ dismissed: true }>>;
  /** How runs of the space stand; those it does not know are left out. */
  runStatuses(caller: SpaceCaller, runIds: readonly RunId[]): Promise<Result<Record<string, RunStatus>>>;
}
