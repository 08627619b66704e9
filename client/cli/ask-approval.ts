// Asks the person at the terminal about one approval and sends the answer. A yes is bound to the hash of what was shown, so
// it cannot approve anything else. The question goes away when the approval is decided elsewhere.
import { isCancel, select, text } from "@clack/prompts";
import { z } from "zod";
import { ApiError } from "../sdk/api-error.ts";
import type { Retinue } from "../sdk/retinue.ts";
import { harmlessJson } from "../terminal/harmless.ts";
import type { AskedApproval } from "./chat-frames.ts";
import { approvalText, callLine } from "./describe.ts";

/** How approvals are answered in a chat: asked at the terminal, all said yes to, or left to another command. */
export type ApprovalHandling = "ask" | "yes" | "elsewhere";

/** A JSON object, for edited arguments. */
export const parseArguments = (json: string): Record<string, unknown> | null => {
  try {
    const parsed = z.record(z.string(), z.unknown()).safeParse(JSON.parse(json));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
};

const answer = async (api: Retinue, approval: AskedApproval, signal: AbortSignal): Promise<string | null> => {
  const choice = await select({
    message: "Allow it?",
    options: [
      { value: "yes", label: "Yes, exactly this" },
      { value: "no", label: "No" },
      { value: "edit", label: "Yes, with other arguments" },
      { value: "respond", label: "Neither: tell the agent something" },
    ],
    initialValue: "no",
    signal,
  });
  if (signal.aborted) return null;
  if (isCancel(choice) || choice === "no") {
    const reason = isCancel(choice) ? "" : await text({ message: "Why not? (may stay empty)", signal });
    if (signal.aborted) return null;
    await api.reject(approval.approval_id, isCancel(reason) || !reason ? undefined : reason);
    return "rejected";
  }
  if (choice === "yes") {
    await api.confirm(approval.approval_id, { arguments_hash: approval.arguments_hash });
    return "approved";
  }
  if (choice === "edit") {
    const json = await text({
      message: "Arguments, as JSON",
      initialValue: harmlessJson(approval.arguments),
      validate: (value) => (parseArguments(value ?? "") === null ? "This is not a JSON object" : undefined),
      signal,
    });
    const edited = isCancel(json) ? null : parseArguments(json);
    if (edited === null) return signal.aborted ? null : answer(api, approval, signal);
    await api.confirm(approval.approval_id, { arguments: edited });
    return "approved with other arguments";
  }
  const words = await text({
    message: "To the agent",
    validate: (value) => (value ? undefined : "Say something"),
    signal,
  });
  if (isCancel(words)) return signal.aborted ? null : answer(api, approval, signal);
  await api.respond(approval.approval_id, words);
  return "answered";
};

/** Deals with one approval as the chat was told to; `note` gets what there is to say about it. */
export const handleApproval = async (
  api: Retinue,
  approval: AskedApproval,
  handling: ApprovalHandling,
  signal: AbortSignal,
  note: (line: string) => void,
): Promise<void> => {
  try {
    if (handling === "yes") {
      await api.confirm(approval.approval_id, { arguments_hash: approval.arguments_hash });
      note(`approved by --yes: ${callLine(approval.tool, approval.arguments)}`);
      return;
    }
    note(approvalText(approval, approval.agent_name));
    if (handling === "elsewhere") {
      note(`  retinue approve ${approval.approval_id}\n  retinue reject ${approval.approval_id}`);
      return;
    }
    const said = await answer(api, approval, signal);
    note(said ?? "the question was settled elsewhere");
  } catch (error) {
    if (error instanceof ApiError && error.code === "already_decided") note("the question was settled elsewhere");
    else throw error;
  }
};
