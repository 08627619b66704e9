// A run with all that hangs on it, read from the tables the moment it is asked for. What a decision does not look at is not
// read: a direct call costs no query here.

import { PRICE_TABLE_VERSION } from "#domain/billing/price-table.ts";
import { nameOf } from "#domain/models/candidates.ts";
import { FAILURE_CODES, type ModelReply } from "#domain/models/port.ts";
import type { Tried } from "#domain/models/route.ts";
import type { PlanGround } from "#domain/plans/build.ts";
import { INTERRUPTED } from "#domain/runs/interrupted.ts";
import { asOwnRun, type OwnRun } from "#domain/runs/own-run.ts";
import type { KnownAgent, Scene } from "#domain/runs/scene.ts";
import { Orchestration } from "#schema/api/orchestrator.ts";
import type { RetrievedItem } from "#schema/events/context.ts";
import type { LoggedEvent } from "#schema/events/index.ts";
import type { TurnRow } from "#schema/space/work.ts";
import type { Core } from "./core.ts";
import { leftoversOf } from "./leftovers.ts";
import { callsOfIteration } from "./open-approvals.ts";
import { readBefore } from "./taint.ts";

/** The run of this id, if the space works on it itself. */
export const ownRun = ({ tables }: Core, runId: string): OwnRun | null => {
  const row = tables.runs.get(runId);
  return row === null ? null : asOwnRun(row);
};

/** The agent in exactly that version. */
export const pinnedAgent = ({ tables }: Core, id: string, version: number): KnownAgent | null => {
  const row = tables.agentVersions.get(id, version);
  return row === null ? null : { id, name: row.config.name, version, config: row.config };
};

const known = ({ tables }: Core, nameOrId: string): KnownAgent | null => {
  const [row] = tables.agents.find(
    "where removed = 0 and (id = ? or lower(name) = ?) limit 1",
    nameOrId,
    nameOrId.toLowerCase(),
  );
  return row === undefined ? null : { id: row.id, name: row.name, version: row.version, config: row.config };
};

/** What an orchestrated run was begun with; null for a direct one. */
export const orchestrationOf = (run: OwnRun): Orchestration | null =>
  run.mode === "orchestrated" ? Orchestration.parse(run.input) : null;

/** The scene of a run; `reply` is an answer that this decision will write down. */
export const sceneOf = (core: Core, run: OwnRun, reply: ModelReply | null = null): Scene => {
  const { tables, log } = core;
  return {
    run,
    ownerId: core.owner().userId,
    plan: run.mode === "orchestrated" ? tables.plans.get(run.id) : null,
    get steps() {
      return tables.steps.ofRun(run.id);
    },
    turns: [...tables.turns.values()].filter((turn) => turn.runId === run.id),
    spent: {
      cost_usd: run.costUsd + (reply?.costUsd ?? 0),
      input_tokens: run.inputTokens + (reply?.inputTokens ?? 0),
      output_tokens: run.outputTokens + (reply?.outputTokens ?? 0),
    },
    comments: () => log.ofRun(run.id, run.firstSeq, "plan.commented").length,
    nextPosition: log.head.seq + 1,
    agent: (nameOrId) => known(core, nameOrId),
    pinned: (id, version) => pinnedAgent(core, id, version),
    leftovers: (stepIds) => leftoversOf(tables, run.id, stepIds),
    callsOf: (turn) => callsOfIteration(tables, turn),
    call: (id) => tables.toolCalls.get(id),
    readBefore: (turn) => readBefore(core, run, { ...turn, requestedAt: new Date(core.now()).toISOString() }),
    triedOf: (turn) => triedOf(core, run, turn),
    retrieved: () => retrievedOf(core, run),
  };
};

/** Everything that was looked up for turns of this run, as the log names it, each under its one number. */
export const retrievedOf = ({ log }: Core, run: OwnRun): RetrievedItem[] => {
  const found = new Map<number, RetrievedItem>();
  for (const event of log.ofRun(run.id, run.firstSeq, "context.retrieved")) {
    if (event.type !== "context.retrieved") continue;
    for (const item of [...coreItems(event), ...(event.data.items ?? [])])
      if (!found.has(item.n)) found.set(item.n, item);
  }
  return [...found.values()];
};

// Named as other memories are: by their kind, never by a word of theirs.
const coreItems = ({ at, data }: Extract<LoggedEvent, { type: "context.retrieved" }>): RetrievedItem[] =>
  (data.core_numbers ?? []).flatMap((n, index) => {
    const id = data.core[index];
    return id === undefined ? [] : [{ n, id, kind: "memory", score: 1, title: "core", at }];
  });

// Counted from where its step was last begun again. Nothing failed before a first attempt, so nothing is read for one.
const triedOf = ({ log }: Core, run: OwnRun, { stepId, iteration, attempt }: TurnRow): Tried[] => {
  if (attempt === 1) return [];
  const since = log
    .ofRun(run.id, run.firstSeq, "step.failed")
    .findLast((event) => event.type === "step.failed" && event.data.step_id === stepId)?.seq;
  return log.ofRun(run.id, run.firstSeq, "model.failed").flatMap((event) => {
    if (event.type !== "model.failed" || event.seq <= (since ?? 0)) return [];
    const { data } = event;
    if (data.step_id !== stepId || data.iteration !== iteration || data.error.code === INTERRUPTED) return [];
    const name = data.provider === undefined ? data.model : nameOf({ provider: data.provider, model: data.model });
    return [{ name, code: FAILURE_CODES.find((known) => known === data.error.code) ?? "server_error" }];
  });
};

/** The scene of a turn's run; null when the run is gone. */
export const sceneOfTurn = (core: Core, turn: TurnRow, reply: ModelReply | null = null): Scene | null => {
  const run = ownRun(core, turn.runId);
  return run === null ? null : sceneOf(core, run, reply);
};

/** What plans of this run are checked and priced with; null in a direct run. */
export const planGroundOf = (core: Core, run: OwnRun): PlanGround | null => {
  const orchestration = orchestrationOf(run);
  const planner = pinnedAgent(core, run.agentId, run.agentVersion);
  if (orchestration === null || planner === null) return null;
  const team = orchestration.team.flatMap((member) => pinnedAgent(core, member.id, member.version) ?? []);
  return { ...pricing(core), config: orchestration.config, team, planner };
};

/** What any plan is priced with. */
export const pricing = (core: Core): Pick<PlanGround, "historyOf" | "costOf" | "priceTable"> => ({
  historyOf: (agentId) => core.tables.agentStats.get(agentId),
  costOf: (model, input, output) => core.settings.prices.costOf(nameOf(core.choices.expected(model)), input, output),
  priceTable: PRICE_TABLE_VERSION,
});
