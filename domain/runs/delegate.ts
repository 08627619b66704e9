// An agent asks a colleague. The colleague works on a step of its own in the same run, under the same limits; the asker waits
// and holds no place meanwhile.
import type { ToolCallId } from "#schema/ids.ts";
import type { TurnRow } from "#schema/space/work.ts";
import { fact, inRun } from "../events/facts.ts";
import { agentIdOf, stepIdOf } from "../events/ids.ts";
import { queuedTurn } from "../plans/steps.ts";
import { LIMITS } from "./limits.ts";
import type { KnownAgent, Scene } from "./scene.ts";
import type { Decision, Given } from "./work.ts";

/** Everyone who waits for this turn, and its own agent: none of them can be asked by it. */
const lineOf = (scene: Scene, turn: TurnRow): string[] => {
  const line = [turn.agentId];
  let at: TurnRow | undefined = turn;
  while (at !== undefined && at.parentCallId !== null) {
    const call = scene.call(at.parentCallId);
    at = call === null ? undefined : scene.turns.find((other) => other.stepId === call.stepId);
    if (at !== undefined) line.push(at.agentId);
  }
  return line;
};

/** The colleague of that name, or why it cannot be asked. */
export const colleague = (scene: Scene, turn: TurnRow, name: string, asked: number): KnownAgent | string => {
  const found = scene.agent(name.replace(/^@/, ""));
  if (found === null) return `There is no agent named ${name} in this project.`;
  const line = lineOf(scene, turn);
  if (line[0] === found.id) return "An agent cannot ask itself.";
  if (line.includes(found.id)) return `${found.name} is waiting for this very work and cannot be asked.`;
  if (turn.depth >= LIMITS.colleagueDepth) return "Too many colleagues already wait for one another.";
  // Those who wait in the queue have no step yet.
  const helped = new Set([
    ...scene.steps.filter((step) => step.kind === "colleague").map(({ id }) => id),
    ...scene.turns.filter((other) => other.kind === "colleague").map(({ stepId }) => stepId),
  ]);
  if (helped.size + asked >= LIMITS.colleaguesPerRun)
    return `Colleagues were asked ${LIMITS.colleaguesPerRun} times in this run, which is the most.`;
  return found;
};

/** The colleague's step is queued. */
export const delegate = (
  scene: Scene,
  turn: TurnRow,
  callId: ToolCallId,
  agent: KnownAgent,
  index: number,
  given: Given,
): Decision => {
  const stepId = given.newId("step");
  const { run } = scene;
  const delegated = fact(
    "toolcall.delegated",
    {
      tool_call_id: callId,
      step_id: stepIdOf(stepId),
      agent: { id: agentIdOf(agent.id), name: agent.name, version: agent.version },
    },
    inRun({ id: run.id, roomId: run.roomId }),
    { principal: "service:space", correlationId: run.id, causationId: callId },
  );
  const seed = {
    stepId,
    kind: "colleague" as const,
    agent,
    position: scene.nextPosition + index,
    parentCallId: callId,
    depth: turn.depth + 1,
  };
  return { facts: [delegated], work: [{ kind: "turn.put", turn: queuedTurn(run, seed, given) }] };
};
