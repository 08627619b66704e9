// The policy gate: one pure function that every dangerous thing passes, when it is asked for and again when it is done.
// Unknown actions and zones are denied. An approval answers "may this exact call happen"; it never widens what is possible.
import type { Zone } from "#schema/events/envelope.ts";

/** Changes whenever a rule below does; written on every decision. */
export const POLICY_VERSION = "2026-11-1";

/** What somebody wants to do. */
export interface PolicyAction {
  /** e.g. `files.read`, `files.write`. */
  readonly name: string;
  readonly tool: string;
}

/** What the gate knows about the asker and the place. */
export interface PolicyContext {
  readonly zone: string;
  /** Tools the agent was given. */
  readonly capabilities: readonly string[];
  /** The agent asks before every call. */
  readonly alwaysAsk: boolean;
  readonly killSwitch: { readonly externalWrite: boolean };
  /** True when a person has approved exactly this call. */
  readonly approved: boolean;
}

export type PolicyDecision = "allow" | "deny" | "require_approval";

export interface PolicyVerdict {
  readonly decision: PolicyDecision;
  readonly reason_codes: string[];
  readonly policy_version: string;
}

interface ActionRule {
  readonly effect: "read" | "write";
  readonly external: boolean;
  readonly reason: string;
}

/** The registry of actions. What is not here is denied. */
const ACTIONS: Readonly<Record<string, ActionRule>> = {
  "files.read": { effect: "read", external: false, reason: "reads_user_files" },
  "files.write": { effect: "write", external: false, reason: "writes_user_files" },
};

const ZONES: readonly string[] = ["sandbox", "supervised", "high_stakes"] satisfies Zone[];

/** Decides one action. Total; the same inputs give the same verdict. */
export const evaluatePolicy = (action: PolicyAction, context: PolicyContext): PolicyVerdict => {
  const verdict = (decision: PolicyDecision, ...reason_codes: string[]): PolicyVerdict => ({
    decision,
    reason_codes,
    policy_version: POLICY_VERSION,
  });
  const rule = Object.hasOwn(ACTIONS, action.name) ? ACTIONS[action.name] : undefined;
  if (rule === undefined) return verdict("deny", "unknown_action");
  if (!ZONES.includes(context.zone)) return verdict("deny", "unknown_zone");
  if (!context.capabilities.includes(action.tool)) return verdict("deny", "tool_not_granted");
  if (rule.external && rule.effect === "write" && context.killSwitch.externalWrite)
    return verdict("deny", "kill_switch");

  const reasons: string[] = [];
  if (rule.effect === "write") reasons.push(rule.reason);
  if (context.alwaysAsk) reasons.push("agent_always_asks");
  if (context.zone === "high_stakes") reasons.push("high_stakes_zone");
  if (reasons.length === 0) return verdict("allow", rule.reason);
  return context.approved
    ? verdict("allow", ...reasons, "approved_by_person")
    : verdict("require_approval", ...reasons);
};
