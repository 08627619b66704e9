// The policy gate: one pure function that every dangerous thing passes, when it is asked for and again when it is done.
// Unknown actions and zones are denied. An approval answers "may this exact call happen"; it never widens what is possible.
import { type ActionRule, actionNamed } from "./actions.ts";

/** Changes whenever a rule below, or the registry, does; written on every decision. */
export const POLICY_VERSION = "2026-11-4";

/** What somebody wants to do. */
export interface PolicyAction {
  /** e.g. `files.read`, `files.write`. */
  readonly name: string;
  /** The tool it is done with, when there is one. */
  readonly tool?: string | null | undefined;
}

/** What the gate knows about the asker and the place. */
export interface PolicyContext {
  /** A person in person, one of the project's agents, or a program. */
  readonly principal: "user" | "agent" | "service";
  readonly zone: string;
  /** Names of the tools or actions the asker was given; "all" is a person's. */
  readonly capabilities: readonly string[] | "all";
  /** The agent asks before every call. */
  readonly alwaysAsk: boolean;
  /** The host it names may be read in this project without asking. */
  readonly hostAllowed: boolean;
  readonly killSwitch: { readonly externalWrite: boolean };
  /** What it would write for good may have been put there by text a tool read. */
  readonly tainted?: boolean | undefined;
  /** True when a person has approved exactly this call. */
  readonly approved: boolean;
}

export type PolicyDecision = "allow" | "deny" | "require_approval";

export interface PolicyVerdict {
  readonly decision: PolicyDecision;
  readonly reason_codes: string[];
  readonly policy_version: string;
}

type KnownZone = "sandbox" | "supervised" | "high_stakes";

// Each zone asks whatever the one before it asks, and more.
const asks = (zone: KnownZone, rule: ActionRule): boolean => {
  const writes = rule.effect === "write";
  switch (zone) {
    case "sandbox":
      return writes && !rule.reversible;
    case "supervised":
      return writes && (rule.external || !rule.reversible);
    case "high_stakes":
      return writes || rule.external;
  }
};

const knownZone = (zone: string): KnownZone | null =>
  zone === "sandbox" || zone === "supervised" || zone === "high_stakes" ? zone : null;

/** Decides one action. Total; the same inputs give the same verdict. */
export const evaluatePolicy = (action: PolicyAction, context: PolicyContext): PolicyVerdict => {
  const verdict = (decision: PolicyDecision, ...reason_codes: string[]): PolicyVerdict => ({
    decision,
    reason_codes,
    policy_version: POLICY_VERSION,
  });
  const { capabilities, principal } = context;
  const rule = actionNamed(action.name);
  if (rule === null) return verdict("deny", "unknown_action");
  const zone = knownZone(context.zone);
  if (zone === null) return verdict("deny", "unknown_zone");
  const tool = action.tool ?? null;
  const granted =
    capabilities === "all" || capabilities.includes(action.name) || (tool !== null && capabilities.includes(tool));
  if (!granted) return verdict("deny", tool === null ? "action_not_granted" : "tool_not_granted");
  const leaves = rule.external && rule.effect === "write";
  if (leaves && context.killSwitch.externalWrite) return verdict("deny", "kill_switch");
  if (zone === "high_stakes" && leaves && !rule.reversible && principal !== "user")
    return verdict("deny", rule.reason, "high_stakes_zone", "person_only");

  const reasons: string[] = [];
  // A person need not ask themselves for what stays inside; what leaves is confirmed all the same, as it is.
  const inPerson = principal === "user" && !rule.external;
  if (!inPerson && asks(zone, rule)) reasons.push(rule.reason);
  if (rule.host && !context.hostAllowed) reasons.push("new_host");
  if (context.tainted === true) reasons.push("tainted_by_tools");
  if (context.alwaysAsk) reasons.push("agent_always_asks");
  if (reasons.length === 0) return verdict("allow", rule.reason, ...(rule.host ? ["host_allowed"] : []));
  if (zone === "high_stakes") reasons.push("high_stakes_zone");
  return context.approved
    ? verdict("allow", ...reasons, "approved_by_person")
    : verdict("require_approval", ...reasons);
};
