// Words for tool calls and approvals. What is to be approved is shown whole and exactly: a person cannot agree to what was
// shortened. Making it harmless for the terminal is the printer's part.
import { PlanDraft, type PlanEstimate } from "#schema/api/plans.ts";
import { estimateText } from "./estimate-text.ts";
import { reasonsText, stepCount, stepsText } from "./plan-text.ts";

const block = (text: string): string =>
  text
    .split("\n")
    .map((line) => `    │ ${line}`)
    .join("\n");

/** One line about a call: the tool and its path or address, or its arguments. */
export const callLine = (tool: string, args: Readonly<Record<string, unknown>>): string => {
  const { path, url, ...rest } = args;
  const names = Object.keys(rest).filter((name) => name !== "content");
  const subject = path ?? url;
  const shown = typeof subject === "string" ? JSON.stringify(subject) : "";
  return [tool, shown, ...names.map((name) => `${name}=${JSON.stringify(rest[name])}`)]
    .filter((part) => part !== "")
    .join(" ");
};

/** All arguments, exactly; texts of several lines as they are, and after what they are about. */
export const argumentsText = (args: Readonly<Record<string, unknown>>): string =>
  Object.entries(args)
    .sort(([one], [other]) => Number(one === "content") - Number(other === "content"))
    .map(([name, value]) => {
      if (name === "content" && typeof value === "string")
        return `  content (${Buffer.byteLength(value)} bytes):\n${block(value)}`;
      return `  ${name}: ${JSON.stringify(value)}`;
    })
    .join("\n");

/** Who asks: the agent, or the team when it is about a whole plan. */
export const askerOf = (approval: { readonly agent: { readonly name: string } | null }): string =>
  approval.agent?.name ?? "The team";

/** What a yes says besides this one call: a host once allowed is not asked about again. */
const consequence = ({ tool, arguments: { url } }: AskedCall): string =>
  tool === "web_fetch" && typeof url === "string" && URL.canParse(url)
    ? `  (a yes also lets the agents of this project read from ${new URL(url).host} from now on)\n`
    : "";

interface AskedCall {
  readonly kind?: string;
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** What a plan is expected to take, when it is known. */
export interface PlanPrice {
  readonly estimate?: PlanEstimate | undefined;
  readonly reason_codes?: readonly string[];
}

// Only what would be lost in the drawing keeps it from being drawn.
const planIn = ({ kind, arguments: args }: AskedCall): PlanDraft | null =>
  kind === "plan" && Object.keys(args).join() === "steps" ? (PlanDraft.safeParse(args).data ?? null) : null;

/** One line about what is asked for. */
export const askedLine = (asked: AskedCall): string => {
  const plan = planIn(asked);
  return plan === null ? callLine(asked.tool, asked.arguments) : `a plan of ${stepCount(plan.steps.length)}`;
};

/** A question as it is put to a person. */
export const approvalText = (
  approval: AskedCall & PlanPrice & { readonly expires_at: string },
  agent: string,
): string => {
  const until = `  (counts as no after ${approval.expires_at})`;
  const plan = planIn(approval);
  if (plan === null)
    return `${agent} asks to run ${approval.tool}:\n${argumentsText(approval.arguments)}\n${consequence(approval)}${until}`;
  const why = reasonsText(approval.reason_codes ?? []);
  return [
    `${agent} asks to carry out a plan of ${stepCount(plan.steps.length)}:`,
    stepsText(plan.steps, true),
    ...(approval.estimate === undefined ? [] : [`  ${estimateText(approval.estimate)}`]),
    ...(why === "" ? [] : [`  Asked because ${why}.`]),
    until,
  ].join("\n");
};
