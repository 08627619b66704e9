// The ways a run made for an outside engine ends: its engine completed it or failed it, a person cancelled it, or its time is
// over. Each closes whatever is open, and none happens twice.
import type { Fact } from "#schema/events/index.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { RunRow } from "#schema/space/read-models.ts";
import type { LeaseRow } from "#schema/space/work.ts";
import type { Acting } from "../events/acting.ts";
import { fact, inRoom } from "../events/facts.ts";
import { roomIdOf, runIdOf, threadIdOf } from "../events/ids.ts";
import type { Decision, Given, WorkChange } from "../runs/work.ts";
import { CLOCK, contextOf, ENGINE_LIMITS, hasEnded, placeOf, startedFacts } from "./external-run.ts";
import { closeWork, type OpenWork } from "./open-work.ts";

const tookSince = (run: RunRow, given: Given): number => given.now - Date.parse(run.createdAt);
const ended = (lease: LeaseRow | null): WorkChange[] =>
  lease === null ? [] : [{ kind: "lease.put", lease: { ...lease, state: "ended" } }];

/** What an engine makes of a run. */
export interface Outcome {
  readonly output: Readonly<Record<string, unknown>> | null;
  /** Markdown for the room. */
  readonly message: string | null;
}

/** The engine completed the run; what it has to say is posted into the room. */
export const completeRun = (
  run: RunRow,
  lease: LeaseRow,
  open: OpenWork,
  outcome: Outcome,
  actor: Acting,
  given: Given,
): Decision => {
  const messageId = outcome.message === null ? null : given.newId("message");
  const said: Fact[] =
    messageId === null || outcome.message === null
      ? []
      : [
          fact(
            "message.posted",
            {
              message_id: messageId,
              room_id: roomIdOf(run.roomId),
              thread_id: threadIdOf(run.threadId),
              role: "agent",
              content: outcome.message,
              agent_id: null,
              agent_name: lease.engine,
              target_agent: null,
              run_id: runIdOf(run.id),
            },
            inRoom(run.roomId, run.id),
            contextOf(run, actor),
          ),
        ];
  return {
    facts: [
      ...startedFacts(run, lease, actor),
      ...closeWork(run, open, "completed", actor),
      // Directly before the end: the run's row finds its message by that.
      ...said,
      fact(
        "external_run.completed",
        {
          run_id: runIdOf(run.id),
          engine: lease.engine,
          fence: lease.fence,
          output: outcome.output === null ? null : { ...outcome.output },
          output_message_id: messageId,
          duration_ms: tookSince(run, given),
        },
        placeOf(run),
        contextOf(run, actor),
      ),
    ],
    work: ended(lease),
  };
};

/** The run ends badly, for good. */
export const failRun = (
  run: RunRow,
  lease: LeaseRow | null,
  open: OpenWork,
  error: { readonly code: string; readonly message: string },
  actor: Acting,
  given: Given,
): Decision => ({
  facts: [
    ...closeWork(run, open, "failed", actor),
    fact(
      "external_run.failed",
      { run_id: runIdOf(run.id), error: { ...error }, duration_ms: tookSince(run, given) },
      placeOf(run),
      contextOf(run, actor),
    ),
  ],
  work: ended(lease),
});

/** It took too long, with or without an engine. */
export const endOverdue = (run: RunRow, lease: LeaseRow | null, open: OpenWork, given: Given): Decision =>
  failRun(
    run,
    lease,
    open,
    { code: "wall_time", message: `The run had not ended after ${ENGINE_LIMITS.wallMs / 3_600_000} hours` },
    CLOCK,
    given,
  );

/** A person, or a reset, ends it. Its engine learns so at its next call. */
export const cancelExternalRun = (
  run: RunRow,
  lease: LeaseRow | null,
  open: OpenWork,
  reason: string | null,
  actor: Acting,
  given: Given,
): Result<Decision> => {
  if (hasEnded(run)) return refuse("not_cancellable", `this run is ${run.status}`);
  return ok({
    facts: [
      ...closeWork(run, open, "cancelled", actor),
      fact(
        "external_run.cancelled",
        { run_id: runIdOf(run.id), by: actor.principal, reason, duration_ms: tookSince(run, given) },
        placeOf(run),
        contextOf(run, actor),
      ),
    ],
    work: ended(lease),
  });
};
