// How an object is named and reached. Nobody else writes `getByName`: a name made elsewhere would be a second object.
import type { UserMeter } from "./user-meter/user-meter.ts";

/** The one meter of a user. `userId` comes from a verified credential, never from a request's own words. */
export const meterOf = (meters: DurableObjectNamespace<UserMeter>, userId: string): DurableObjectStub<UserMeter> =>
  meters.getByName(`meter:${userId}`);
