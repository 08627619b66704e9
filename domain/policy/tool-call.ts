// The gate as every tool call meets it, three times: when a model asks for it, when a person approves it, and when it is about
// to leave for a device. One question, so that the three can differ only in what is true by then.
import type { AgentConfig } from "#schema/api/agents.ts";
import { evaluatePolicy, POLICY_VERSION, type PolicyVerdict } from "./evaluate.ts";

/** Judges a call of this tool (null: there is no such tool, or no longer in that version) by an agent so configured. */
export const judgeToolCall = (
  tool: { readonly name: string; readonly action: string } | null,
  config: Pick<AgentConfig, "tools" | "approval_required">,
  approved: boolean,
): PolicyVerdict =>
  tool === null
    ? { decision: "deny", reason_codes: ["unknown_tool"], policy_version: POLICY_VERSION }
    : evaluatePolicy(
        { name: tool.action, tool: tool.name },
        {
          zone: "supervised",
          capabilities: config.tools,
          alwaysAsk: config.approval_required,
          killSwitch: { externalWrite: false },
          approved,
        },
      );
