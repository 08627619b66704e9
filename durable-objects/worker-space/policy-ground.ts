// What the gate goes by, read the moment it is asked: the room's zone and the kill switch as they are now. Nothing here is
// remembered between two questions, so what was set is in force for the very next decision.
import { targetOf } from "#domain/egress/reach.ts";
import type { PolicyGround } from "#domain/policy/tool-call.ts";
import type { Zone } from "#schema/events/envelope.ts";
import type { Core } from "./core.ts";
import { KILL_SWITCH } from "./evolve-policy.ts";
import { projectReach } from "./project-reach.ts";

/** How dangerous a room is; whatever is in no room is supervised. */
export const zoneOf = ({ tables }: Core, roomId: string | null): Zone =>
  (roomId === null ? null : tables.rooms.get(roomId)?.zone) ?? "supervised";

/** True while nothing may be written outside: by the installation's will, or the owner's. */
export const externalWriteStopped = ({ settings, tables }: Core): boolean =>
  settings.externalWriteStopped || tables.rules.get(KILL_SWITCH)?.value.external_write === true;

/** What holds for an action in a room (null: in none). */
export const groundOf = (core: Core, roomId: string | null): PolicyGround => ({
  zone: zoneOf(core, roomId),
  externalWriteStopped: externalWriteStopped(core),
});

/** True when the owner let the agents of this project read from the address's exact host, and it may be read from at all. */
export const hostAllowed = (core: Core, url: string): boolean => {
  const target = targetOf("web_fetch", { url }, projectReach(core));
  return target.ok && target.value.hostAllowed;
};
