// Asks the person at the terminal about one approval and sends the answer. A yes is bound to the hash of what was shown, so
// it cannot approve anything else. The question goes away when the approval is decided elsewhere.
import { isCancel, select, text } from "@clack/prompts";
import { z } from "zod";
import { PlanDraft } from "#schema/api/plans.ts";
import { ApiError } from "../sdk/api-error.ts";
import type { Retinue } from "../sdk/retinue.ts";
import type { AskedApproval } from "./chat-frames.ts";
import { approvalText, askedLine, type PlanPrice } from "./describe.ts";
import { type Complaint, editJson } from "./edit-json.ts";

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

const notAnObject: Complaint = (json) => (parseArguments(json) === null ? "This is not a JSON object" : null);

// Whether its agents exist and its steps form no circle, the server says.
const notAPlan: Complaint = (json) => {
  const wrong = notAnObject(json);
  if (wrong !== null) return wrong;
  const [issue] = PlanDraft.safeParse(parseArguments(json)).error?.issues ?? [];
  return issue === undefined ? null : `This is not a plan: ${issue.path.join(".")}: ${issue.message}`;
};

interface Wording {
  readonly question: string;
  readonly yes: string;
  readonly edit: string;
  readonly respond: string;
  readonly to: string;
  readonly edited: string;
  readonly complaint: Complaint;
}

const ABOUT_CALL: Wording = {
  question: "Allow it?",
  yes: "Yes, exactly this",
  edit: "Yes, with other arguments",
  respond: "Neither: tell the agent something",
  to: "To the agent",
  edited: "approved with other arguments",
  complaint: notAnObject,
};

const ABOUT_PLAN: Wording = {
  question: "Carry it out?",
  yes: "Yes, exactly this plan",
  edit: "Yes, but changed: drop, reassign, reword or reorder steps",
  respond: "Neither: tell the planner something, it plans again",
  to: "To the planner",
  edited: "approved as changed",
  complaint: notAPlan,
};

/** An answer the server cannot take as it is: the person is told why and asked again. */
const AGAIN: readonly string[] = ["invalid_request", "quota_exceeded"];

const answer = async (
  api: Retinue,
  approval: AskedApproval,
  signal: AbortSignal,
  note: (line: string) => void,
): Promise<string | null> => {
  const words = approval.kind === "plan" ? ABOUT_PLAN : ABOUT_CALL;
  const id = approval.approval_id;
  const askAgain = () => (signal.aborted ? null : answer(api, approval, signal, note));
  const choice = await select({
    message: words.question,
    options: [
      { value: "yes", label: words.yes },
      { value: "no", label: "No" },
      { value: "edit", label: words.edit },
      { value: "respond", label: words.respond },
    ],
    initialValue: "no",
    signal,
  });
  if (signal.aborted) return null;
  try {
    if (isCancel(choice) || choice === "no") {
      const reason = isCancel(choice) ? "" : await text({ message: "Why not? (may stay empty)", signal });
      if (signal.aborted) return null;
      await api.reject(id, isCancel(reason) || !reason ? undefined : reason);
      return "rejected";
    }
    if (choice === "yes") {
      await api.confirm(id, { arguments_hash: approval.arguments_hash });
      return "approved";
    }
    if (choice === "edit") {
      const json = await editJson(approval.arguments, words.complaint, note, signal);
      const edited = json === null ? null : parseArguments(json);
      if (edited === null || signal.aborted) return askAgain();
      await api.confirm(id, { arguments: edited, arguments_hash: approval.arguments_hash });
      return words.edited;
    }
    const said = await text({
      message: words.to,
      validate: (value) => (value ? undefined : "Say something"),
      signal,
    });
    if (isCancel(said)) return askAgain();
    await api.respond(id, said);
    return "answered";
  } catch (error) {
    if (!(error instanceof ApiError) || !AGAIN.includes(error.code)) throw error;
    note(error.message);
    return askAgain();
  }
};

/** Deals with one approval as the chat was told to; `note` gets what there is to say about it. `signal` fires with words. */
export const handleApproval = async (
  api: Retinue,
  approval: AskedApproval & PlanPrice,
  handling: ApprovalHandling,
  signal: AbortSignal,
  note: (line: string) => void,
): Promise<void> => {
  const id = approval.approval_id;
  try {
    if (handling === "yes") {
      // A plan is shown whole even so: what was said yes to can be read afterwards.
      if (approval.kind === "plan") note(approvalText(approval, approval.agent_name));
      await api.confirm(id, { arguments_hash: approval.arguments_hash });
      note(`approved by --yes: ${askedLine(approval)}`);
      return;
    }
    note(approvalText(approval, approval.agent_name));
    if (handling === "elsewhere") {
      const other = approval.kind === "plan" ? `\n  retinue respond ${id} "what to plan otherwise"` : "";
      note(`  retinue approve ${id}\n  retinue reject ${id}${other}`);
      return;
    }
    const said = await answer(api, approval, signal, note);
    note(said ?? String(signal.reason));
  } catch (error) {
    if (error instanceof ApiError && error.code === "already_decided") note("the question was settled elsewhere");
    else throw error;
  }
};
