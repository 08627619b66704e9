// What a planner is asked, and how its answer is read. The answer is JSON under a schema whose agents are the project's own;
// a model that breaks it is told what is wrong and asked once more.
import { PlanDraft, type PlanStepDraft } from "#schema/api/plans.ts";
import type { ModelMessage } from "../models/port.ts";

/** An agent as the planner is told of it. */
export interface PlannerAgent {
  readonly name: string;
  readonly description: string;
}

/** Everything a planner is asked with. */
export interface PlannerQuestion {
  readonly prompt: string;
  readonly team: readonly PlannerAgent[];
  readonly history: readonly ModelMessage[];
  readonly request: string;
  readonly maxSteps: number;
  readonly maxParallel: number;
  /** What it answered before, and why that is no plan or what a person said to it. */
  readonly earlier: readonly { readonly answer: string; readonly objection: string }[];
}

const rules = (question: PlannerQuestion): string =>
  `Your task now is to plan, not to answer. Split the user's request into the fewest steps that reach it, each for one agent of this project:
${question.team.map(({ name, description }) => `- ${name}: ${description || "no description"}`).join("\n")}

Rules of a plan:
- An agent sees only its own instruction and the results of the steps it depends on. Put everything it needs into the instruction.
- "depends_on" names the steps whose results a step needs, and no others: steps that do not need one another run at the same time (at most ${question.maxParallel}).
- At most ${question.maxSteps} steps. A request that one agent can do alone is a plan of one step.
- Do not plan a last step that only sums up: the closing answer is written from all results by itself.
Answer with JSON only: {"steps": [{"id": "s1", "title": "…", "agent": "…", "instruction": "…", "depends_on": []}]}`;

/** The conversation a planner sees. */
export const plannerMessages = (question: PlannerQuestion): ModelMessage[] => [
  { role: "system", content: `${question.prompt.trim()}\n\n${rules(question)}` },
  ...question.history,
  { role: "user", content: question.request },
  ...question.earlier.flatMap(({ answer, objection }): ModelMessage[] => [
    { role: "assistant", content: answer, toolCalls: [] },
    { role: "user", content: objection },
  ]),
];

/** The JSON Schema of an answer. Every field is required and no other allowed, as strict structured output demands. */
export const planSchema = (team: readonly PlannerAgent[]): Readonly<Record<string, unknown>> => ({
  type: "object",
  properties: {
    steps: {
      type: "array",
      items: {
        type: "object",
        properties: {
          id: { type: "string", description: "Short and unique, such as s1" },
          title: { type: "string" },
          agent: { type: "string", enum: team.map(({ name }) => name) },
          instruction: { type: "string" },
          depends_on: { type: "array", items: { type: "string" } },
        },
        required: ["id", "title", "agent", "instruction", "depends_on"],
        additionalProperties: false,
      },
    },
  },
  required: ["steps"],
  additionalProperties: false,
});

/** Reads an answer: its steps, or what is wrong with it. A fence around the JSON is forgiven. */
export const readPlan = (
  text: string,
):
  | { readonly ok: true; readonly steps: readonly PlanStepDraft[] }
  | { readonly ok: false; readonly problems: readonly string[] } => {
  const bare = /^\s*```(?:json)?\s*([\s\S]*?)\s*```\s*$/.exec(text)?.[1] ?? text;
  let raw: unknown;
  try {
    raw = JSON.parse(bare);
  } catch {
    return { ok: false, problems: ["the answer is not JSON"] };
  }
  const parsed = PlanDraft.safeParse(raw);
  if (parsed.success) return { ok: true, steps: parsed.data.steps };
  return {
    ok: false,
    problems: parsed.error.issues.slice(0, 10).map(({ path, message }) => `${path.join(".") || "plan"}: ${message}`),
  };
};

/** The words an unusable answer is sent back with. */
export const objectionTo = (problems: readonly string[]): string =>
  `This cannot be carried out:\n${problems.map((problem) => `- ${problem}`).join("\n")}\nAnswer again with the whole corrected plan as JSON only.`;

/** The words a person's comment is sent back with. */
export const commentOn = (comment: string): string =>
  `The user answered to this plan:\n${comment}\nAnswer with the whole changed plan as JSON only.`;
