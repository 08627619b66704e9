// retinue approvals, approve, reject, respond, hold: the inbox of questions only a person may answer.
import type { Approval } from "#schema/api/approvals.ts";
import { ApiError } from "../../sdk/api-error.ts";
import { holdApproval } from "../../sdk/policy.ts";
import type { Retinue } from "../../sdk/retinue.ts";
import { command } from "../arguments.ts";
import { parseArguments } from "../ask-approval.ts";
import { approvalText, askedLine, askerOf } from "../describe.ts";
import { misuse } from "../failure.ts";
import { COMMON, standOn } from "../ground.ts";

const WHICH = { id: { type: "positional", required: true, description: "The approval's id" } } as const;

/** What an open plan is expected to take; of everything else nothing is known. */
const estimateOf = async (api: Retinue, approval: Approval) => {
  if (approval.kind !== "plan" || approval.run_id === null) return undefined;
  try {
    return (await api.runPlan(approval.project_id, approval.run_id)).estimate;
  } catch (error) {
    // Decided and gone meanwhile, perhaps: the question is shown without a price rather than not at all.
    if (error instanceof ApiError) return undefined;
    throw error;
  }
};

export const approvalsCommand = command({
  meta: { name: "approvals", description: "List open approvals of all projects" },
  args: {
    all: { type: "boolean", description: "Decided ones too" },
    project: { type: "string", description: "Only this project", valueHint: "project id" },
    ...COMMON,
  },
  run: async ({ args }) => {
    const ground = standOn(args);
    const api = await ground.api();
    const page = await api.approvals({
      limit: 100,
      status: args.all ? undefined : "pending",
      project_id: args.project,
    });
    for (const approval of page.items) {
      if (approval.status === "pending") {
        const estimate = ground.print.json ? undefined : await estimateOf(api, approval);
        ground.print.line(`${approval.id}\n${approvalText({ ...approval, estimate }, askerOf(approval))}\n`);
      } else ground.print.line(`${approval.id}  ${approval.status}  ${askerOf(approval)}: ${askedLine(approval)}`);
    }
    if (page.items.length === 0) ground.print.line("Nothing waits for you.");
    ground.print.document(page);
  },
});

export const approveCommand = command({
  meta: { name: "approve", description: "Say yes, possibly with other arguments" },
  args: {
    ...WHICH,
    arguments: { type: "string", description: "Approve with these arguments instead", valueHint: "json" },
    note: { type: "string", description: "A note that is kept with the decision" },
    ...COMMON,
  },
  run: async ({ args }) => {
    const edited = args.arguments === undefined ? undefined : parseArguments(args.arguments);
    if (edited === null) throw misuse("--arguments must be a JSON object");
    const ground = standOn(args);
    const api = await ground.api();
    // Bound to what is open now: shown here, and refused by the server if it is something else by then.
    const open = edited === undefined ? await api.approval(args.id) : null;
    const approval = await api.confirm(args.id, {
      ...(edited === undefined ? {} : { arguments: edited }),
      ...(open === null ? {} : { arguments_hash: open.arguments_hash }),
      ...(args.note === undefined ? {} : { note: args.note }),
    });
    ground.print.line(
      `Approved: ${askerOf(approval)} may ${approval.kind === "plan" ? "carry out" : "run"} ${askedLine(approval)}`,
    );
    ground.print.document(approval);
  },
});

export const rejectCommand = command({
  meta: { name: "reject", description: "Say no" },
  args: { ...WHICH, reason: { type: "string", description: "Told to the agent" }, ...COMMON },
  run: async ({ args }) => {
    const ground = standOn(args);
    const approval = await (await ground.api()).reject(args.id, args.reason);
    ground.print.line(`Rejected: ${askedLine(approval)}`);
    ground.print.document(approval);
  },
});

export const respondCommand = command({
  meta: { name: "respond", description: "Say neither yes nor no: tell the agent something" },
  args: { ...WHICH, text: { type: "positional", required: true, description: "What to tell it" }, ...COMMON },
  run: async ({ args }) => {
    const ground = standOn(args);
    const approval = await (await ground.api()).respond(args.id, args.text);
    ground.print.line(`Told ${askerOf(approval)}.`);
    ground.print.document(approval);
  },
});

export const holdCommand = command({
  meta: { name: "hold", description: "Not now: the question stays open for longer, once" },
  args: {
    ...WHICH,
    hours: { type: "string", description: "By how much its deadline moves (default and most: 24)", valueHint: "n" },
    ...COMMON,
  },
  run: async ({ args }) => {
    const seconds = args.hours === undefined ? undefined : Math.round(Number(args.hours) * 3600);
    if (seconds !== undefined && !(seconds > 0)) throw misuse("--hours takes a number such as 2");
    const ground = standOn(args);
    const approval = await holdApproval((await ground.api()).http, args.id, seconds);
    ground.print.line(`Held: it counts as no after ${approval.expires_at}.`);
    ground.print.document(approval);
  },
});
