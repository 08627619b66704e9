// How events of the project's rules change the read models: the newest value of each.
import type { Evolvers } from "./evolvers.ts";

/** The rule that stops every write outside. */
export const KILL_SWITCH = "kill_switch";

export const policyEvolvers: Evolvers<"policy.kill_switch_set"> = {
  "policy.kill_switch_set": (draft, { data, at }) =>
    draft.rules.put(KILL_SWITCH, {
      key: KILL_SWITCH,
      value: { external_write: data.external_write, reason: data.reason },
      setBy: data.by,
      setAt: at,
    }),
};
