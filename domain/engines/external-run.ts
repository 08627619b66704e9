// A run made for an outside engine: what it is, the bounds that make it end, and how its facts are addressed.
import type { FactContext } from "#schema/events/envelope.ts";
import type { Fact } from "#schema/events/index.ts";
import type { RoomId, ThreadId } from "#schema/ids.ts";
import type { RunRow } from "#schema/space/read-models.ts";
import type { LeaseRow } from "#schema/space/work.ts";
import type { Acting } from "../events/acting.ts";
import { fact, inRun, type Place } from "../events/facts.ts";
import { runIdOf } from "../events/ids.ts";
import type { Decision, Given } from "../runs/work.ts";

/** Bounds of runs that outside engines execute. */
export const ENGINE_LIMITS = {
  /** Claims that may end without an outcome before the run fails. */
  attempts: 3,
  /** From being asked for to its end at most, ms. */
  wallMs: 24 * 60 * 60 * 1000,
  /** Runs of one project that wait or are worked on. */
  open: 10_000,
  /** Steps of one run. */
  steps: 1_000,
  /** Tool calls of one run. */
  calls: 10_000,
  /** Tool calls of one run that have not ended: they end with it, in one step. */
  openCalls: 100,
  /** Outputs kept from one run. */
  artifacts: 1_000,
} as const;

/** A run made for an outside engine. */
export type ExternalRun = RunRow & { readonly mode: "external" };

/** The run as one for an outside engine; null when the space works on it itself. */
export const asExternalRun = (row: RunRow): ExternalRun | null =>
  row.mode === "external" ? { ...row, mode: "external" } : null;

/** True once nothing more happens to it. */
export const hasEnded = (run: RunRow): boolean => run.endedAt !== null;

/** When it is ended for having taken too long, epoch ms. */
export const lastsUntil = (run: Pick<RunRow, "createdAt">): number => Date.parse(run.createdAt) + ENGINE_LIMITS.wallMs;

/** The space itself, when time decides. */
export const CLOCK: Acting = { principal: "service:space", onBehalfOf: null };

/** Where a run's facts belong. */
export const placeOf = (run: RunRow): Place => inRun({ id: run.id, roomId: run.roomId });

/** What a run's facts say besides themselves. */
export const contextOf = (run: RunRow, { principal, onBehalfOf }: Acting): FactContext => ({
  principal,
  onBehalfOf,
  correlationId: run.id,
});

/** The first act under a lease starts the run, if its engine has not said so before. */
export const startedFacts = (run: RunRow, lease: LeaseRow, actor: Acting): Fact[] =>
  run.status === "queued"
    ? [
        fact(
          "external_run.started",
          { run_id: runIdOf(run.id), engine: lease.engine, fence: lease.fence },
          placeOf(run),
          contextOf(run, actor),
        ),
      ]
    : [];

/** Asks for a run: it waits for an engine. */
export const requestRun = (
  room: { readonly id: RoomId; readonly threadId: ThreadId },
  asked: { readonly title: string; readonly input: Readonly<Record<string, unknown>> },
  idempotencyKey: string | null,
  actor: Acting,
  given: Given,
): Decision => {
  const runId = given.newId("run");
  return {
    facts: [
      fact(
        "run.requested",
        { run_id: runId, room_id: room.id, thread_id: room.threadId, title: asked.title, input: { ...asked.input } },
        inRun({ id: runId, roomId: room.id }),
        { ...actor, correlationId: runId, idempotencyKey },
      ),
    ],
    work: [],
  };
};
