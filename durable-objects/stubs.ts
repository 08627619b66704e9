// How an object is named and reached. Nobody else writes `getByName`: a name made elsewhere would be a second object.
import type { OwnedProject } from "#schema/principal.ts";
import type { UserMeter } from "./user-meter/user-meter.ts";
import type { SpaceDoor } from "./worker-space/door.ts";
import type { WorkerSpace } from "./worker-space/worker-space.ts";

/** The one meter of a user. `userId` comes from a verified credential, never from a request's own words. */
export const meterOf = (meters: DurableObjectNamespace<UserMeter>, userId: string): DurableObjectStub<UserMeter> =>
  meters.getByName(`meter:${userId}`);

/**
 * The one space of a project. Only a scope hands out an OwnedProject, so a space is reached through its owner alone.
 * The class implements SpaceDoor; RPC's own types cannot say so, because they refuse `unknown` inside a result.
 */
export const spaceOf = (spaces: DurableObjectNamespace<WorkerSpace>, project: Pick<OwnedProject, "id">): SpaceDoor =>
  spaces.getByName(`space:${project.id}`) as unknown as SpaceDoor;
