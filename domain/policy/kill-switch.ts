// The owner stops every write outside of a project, or lets it go on. Setting what is set already changes nothing.

import type { Acting } from "../events/acting.ts";
import { fact } from "../events/facts.ts";
import { type Decision, NOTHING } from "../runs/work.ts";

/** The switch as it stands; null: it was never touched. */
export interface SwitchState {
  readonly externalWrite: boolean;
  readonly reason: string | null;
}

/** Decides one setting of the switch. */
export const setKillSwitch = (current: SwitchState | null, wish: SwitchState, acting: Acting): Decision => {
  const before = current ?? { externalWrite: false, reason: null };
  if (before.externalWrite === wish.externalWrite && before.reason === wish.reason) return NOTHING;
  const data = { external_write: wish.externalWrite, reason: wish.reason, by: acting.principal };
  return {
    facts: [fact("policy.kill_switch_set", data, { stream: { type: "policy", id: "kill_switch" } }, acting)],
    work: [],
  };
};
