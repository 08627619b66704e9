// The gate as every tool call meets it, three times: when a model asks for it, when a person approves it, and when it is about
// to leave. One question, so that the three can differ only in what is true by then: the zone of its room, the kill switch,
// the hosts the project allows, and the approval.
import type { AgentConfig } from "#schema/api/agents.ts";
import { evaluatePolicy, POLICY_VERSION, type PolicyVerdict } from "./evaluate.ts";

/** What holds for every action taken in a room at one moment. */
export interface PolicyGround {
  readonly zone: string;
  /** True while nothing may be written outside. */
  readonly externalWriteStopped: boolean;
}

/** What is true of one call by the time the gate is asked. */
export interface CallState {
  /** A person has approved exactly this call. */
  readonly approved: boolean;
  /** The host it names may be read without asking. */
  readonly hostAllowed?: boolean;
  /** It would keep for good what a tool may have brought in. */
  readonly tainted?: boolean;
}

/** Judges a call of this tool (null: there is no such tool, or no longer in that version) by an agent so configured. */
export const judgeToolCall = (
  tool: { readonly name: string; readonly action: string } | null,
  config: Pick<AgentConfig, "tools" | "approval_required">,
  ground: PolicyGround,
  { approved, hostAllowed, tainted }: CallState,
): PolicyVerdict =>
  tool === null
    ? { decision: "deny", reason_codes: ["unknown_tool"], policy_version: POLICY_VERSION }
    : evaluatePolicy(
        { name: tool.action, tool: tool.name },
        {
          principal: "agent",
          zone: ground.zone,
          capabilities: config.tools,
          alwaysAsk: config.approval_required,
          hostAllowed: hostAllowed ?? false,
          killSwitch: { externalWrite: ground.externalWriteStopped },
          tainted,
          approved,
        },
      );
