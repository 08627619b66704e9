// What a turn asks its model: the conversation its kind of work needs, and the tools it is offered. Read from the rows and the
// log, so that after a crash the same question is asked again.
import { conversation, directOpening, fitHistory } from "#domain/chat/conversation.ts";
import { withLookedUp } from "#domain/chat/recalled.ts";
import { closingConversation, type StepResult, stepOpening } from "#domain/chat/team-conversation.ts";
import type { LookedUp } from "#domain/context/choose.ts";
import type { ModelMessage, ModelRequest } from "#domain/models/port.ts";
import { commentOn, objectionTo, plannerMessages, planSchema } from "#domain/plans/planner.ts";
import type { OwnRun } from "#domain/runs/own-run.ts";
import { isLastCall } from "#domain/runs/think.ts";
import { toolsNamed } from "#domain/tools/catalog.ts";
import type { AgentConfig } from "#schema/api/agents.ts";
import type { StepRow } from "#schema/space/read-models.ts";
import type { TurnRow } from "#schema/space/work.ts";
import type { Core } from "./core.ts";
import { type Conversation, pastMessages } from "./past-messages.ts";
import { projectReach } from "./project-reach.ts";
import { orchestrationOf, planGroundOf } from "./scenes.ts";

/** The request of a turn's next model call, with what was looked up for it. */
export const turnRequest = (core: Core, turn: TurnRow, run: OwnRun, lookedUp: LookedUp): ModelRequest => {
  const model = modelOf(turn, run);
  const ask = {
    tier: model.tier,
    model: model.model,
    temperature: model.temperature,
    maxTokens: model.max_tokens,
    endUser: core.owner().userId,
  };
  switch (turn.kind) {
    case "plan":
      return { ...ask, ...planning(core, turn, run) };
    case "synthesis":
      return {
        ...ask,
        messages: closingConversation(turn.config, question(core, run), resultsOf(core, run)),
        tools: [],
      };
    case "direct":
    case "step":
    case "colleague": {
      const lastCall = isLastCall(turn);
      return {
        ...ask,
        messages: conversation(withLookedUp(opening(core, turn, run), lookedUp), {
          ...workSoFar(core, turn, run),
          lastCall,
        }),
        tools: lastCall ? [] : offered(core, turn.config.tools),
      };
    }
  }
};

// What cannot be done here is not offered.
const offered = (core: Core, names: AgentConfig["tools"]): ReturnType<typeof toolsNamed> => {
  const { search } = projectReach(core);
  return toolsNamed(names).filter((tool) => tool.name !== "web_search" || search);
};

/** What a turn's model is to be. Planning and closing are the orchestrator's work, whoever's name it is done in. */
export const modelOf = (turn: TurnRow, run: OwnRun): AgentConfig["model"] =>
  (turn.kind === "plan" || turn.kind === "synthesis" ? orchestrationOf(run)?.config.model : undefined) ??
  turn.config.model;

const question = ({ log }: Core, run: OwnRun): string => {
  const input = log.at(run.inputSeq);
  return input?.type === "message.posted" ? (input.data.content ?? "") : "";
};

const history = ({ tables, settings }: Core, run: OwnRun) =>
  pastMessages(tables, run, run.inputSeq, settings.historyTokens);

const direct = (core: Core, turn: TurnRow, run: OwnRun): ModelMessage[] =>
  directOpening({
    agentId: turn.agentId,
    config: turn.config,
    history: history(core, run),
    question: question(core, run),
    historyTokens: core.settings.historyTokens,
  });

const opening = (core: Core, turn: TurnRow, run: OwnRun): ModelMessage[] => {
  if (turn.kind === "direct") return direct(core, turn, run);
  const step = core.tables.steps.get(turn.stepId);
  if (step === null) return direct(core, turn, run);
  if (turn.kind === "colleague") return stepOpening(turn.config, null, [], step.instruction);
  const results = step.dependsOn.flatMap((id) => {
    const row = core.tables.steps.get(id);
    return row === null ? [] : [asResult(row)];
  });
  return stepOpening(turn.config, question(core, run), results, step.instruction);
};

/** What a turn is to do, in the words it was given. */
export const askedOf = (core: Core, turn: TurnRow, run: OwnRun): string =>
  (turn.kind === "direct" ? null : core.tables.steps.get(turn.stepId)?.instruction) ?? question(core, run);

/** Runs whose words this turn's model is shown anyway: its own, and those of the history. */
export const shownRuns = (core: Core, turn: TurnRow, run: OwnRun): ReadonlySet<string> =>
  new Set([run.id, ...(turn.kind === "direct" ? runsBefore(core, run, run.inputSeq) : [])]);

/** Runs whose words a model is shown as the history of what is said at this point of a conversation. */
export const runsBefore = (core: Core, place: Conversation, seq: number): ReadonlySet<string> => {
  const { historyTokens } = core.settings;
  const runs = new Set<string>();
  for (const { runId } of fitHistory(pastMessages(core.tables, place, seq, historyTokens), historyTokens))
    if (runId !== null) runs.add(runId);
  return runs;
};

const asResult = (step: StepRow): StepResult => ({
  title: step.title,
  agent: step.agentName ?? "",
  output: step.status === "completed" ? step.output : null,
  problem: step.error?.message ?? null,
});

const resultsOf = ({ tables }: Core, run: OwnRun): StepResult[] =>
  tables.steps
    .ofRun(run.id)
    .filter(({ kind }) => kind === "agent")
    .map((step) => asResult(step));

const workSoFar = ({ tables, log }: Core, turn: TurnRow, run: OwnRun) => {
  if (turn.iteration === 1) return { toolCalls: [], texts: [] };
  const calls = tables.toolCalls.find("where run_id = ? and step_id = ? order by iteration, id", run.id, turn.stepId);
  // Its place in the queue is how long the log was then: on its first try, nothing that a turn did stands before.
  const from = turn.tries === 1 ? Math.max(run.firstSeq, turn.position) : run.firstSeq;
  const texts = log
    .ofRun(run.id, from, "model.called")
    .flatMap((event) =>
      event.type === "model.called" && event.data.step_id === turn.stepId
        ? [{ iteration: event.data.iteration, text: event.data.text ?? null }]
        : [],
    );
  return {
    texts,
    toolCalls: calls.map((call) => ({
      iteration: call.iteration,
      providerCallId: call.providerCallId,
      tool: call.tool,
      arguments: call.arguments,
      editedArguments: call.editedArguments,
      result: call.result ?? "",
    })),
  };
};

// What the planner said before, and what it was told: refusals and comments come in the order of its answers.
const planning = (
  core: Core,
  turn: TurnRow,
  run: OwnRun,
): Pick<ModelRequest, "messages" | "tools" | "answerSchema"> => {
  const ground = planGroundOf(core, run);
  const team = (ground?.team ?? []).map(({ config }) => ({ name: config.name, description: config.description }));
  const { log } = core;
  const answers = log
    .ofRun(run.id, run.firstSeq, "model.called")
    .flatMap((event) => (event.type === "model.called" && !event.data.discarded ? [event.data.text ?? ""] : []));
  const objections = [
    ...log.ofRun(run.id, run.firstSeq, "plan.refused"),
    ...log.ofRun(run.id, run.firstSeq, "plan.commented"),
  ]
    .sort((a, b) => a.seq - b.seq)
    .flatMap((event) =>
      event.type === "plan.refused"
        ? [objectionTo(event.data.problems ?? [])]
        : event.type === "plan.commented"
          ? [commentOn(event.data.comment ?? "")]
          : [],
    );
  return {
    messages: plannerMessages({
      prompt: turn.config.system_prompt,
      team,
      history: direct(core, turn, run).slice(1, -1),
      request: question(core, run),
      maxSteps: ground?.config.limits.max_steps ?? 1,
      maxParallel: ground?.config.max_parallel ?? 1,
      earlier: answers.slice(0, objections.length).map((answer, at) => ({ answer, objection: objections[at] ?? "" })),
    }),
    tools: [],
    answerSchema: { name: "plan", schema: planSchema(team) },
  };
};
