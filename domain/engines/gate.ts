// The policy gate as an outside engine's tool call meets it: when it is asked for, and again when a person has approved it. The
// one place where engines and policy touch.
import { evaluatePolicy, type PolicyVerdict } from "../policy/evaluate.ts";
import type { PolicyGround } from "../policy/tool-call.ts";
import { toolNamed } from "../tools/catalog.ts";

/** A tool the catalog does not have may do anything out there. */
const UNKNOWN_TOOL = "external.write";

/**
 * The registry's action of an engine's tool. A tool of the catalog's name is what the catalog says; what an engine calls its
 * own tools' actions is believed only as far as the registry knows the action.
 */
export const actionOf = (tool: string, claimed: string | null): string =>
  toolNamed(tool)?.action ?? claimed ?? UNKNOWN_TOOL;

/** Judges a call that is this action. `granted` are the actions the engine's capability names; "all" when none stands behind it. */
export const judgeEngineCall = (
  action: string,
  ground: PolicyGround,
  granted: readonly string[] | "all",
  approved: boolean,
): PolicyVerdict =>
  evaluatePolicy(
    { name: action },
    {
      principal: "service",
      zone: ground.zone,
      // By the action's name alone: an engine brings tools of its own, which could be called anything.
      capabilities: granted,
      alwaysAsk: false,
      hostAllowed: false,
      killSwitch: { externalWrite: ground.externalWriteStopped },
      approved,
    },
  );
