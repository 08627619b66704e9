// The doors of timekeeping: appointments are made, confirmed and dismissed, and schedules ask how their runs stand.
import type { RunId } from "#schema/ids.ts";
import type { SpaceCaller } from "#schema/principal.ts";
import { ok, type Result } from "#schema/result.ts";
import { SpaceGround } from "./space-ground.ts";
import type { AppointmentCommand, TimekeepingDoor } from "./timekeeping-door.ts";

/** A space that keeps time. */
export abstract class TimekeepingSpace extends SpaceGround implements TimekeepingDoor {
  async appoint(caller: SpaceCaller, appointment: AppointmentCommand): Promise<Result<{ appointed: true }>> {
    return this.as(caller, () => {
      const { appointments, times, core } = this.organs;
      appointments.put(appointment);
      times.arm(core.now(), appointments.due());
      return ok({ appointed: true as const });
    });
  }

  async confirmAppointment(caller: SpaceCaller, id: string, dueAt: number): Promise<Result<{ confirmed: true }>> {
    return this.as(caller, () => {
      this.organs.appointments.confirm(id, dueAt);
      return ok({ confirmed: true as const });
    });
  }

  async dismissAppointment(caller: SpaceCaller, id: string): Promise<Result<{ dismissed: true }>> {
    return this.as(caller, () => {
      this.organs.appointments.dismiss(id);
      return ok({ dismissed: true as const });
    });
  }

  async runStatuses(caller: SpaceCaller, runIds: readonly RunId[]) {
    return this.as(caller, () => ok(this.organs.runs.statuses(runIds)));
  }
}
