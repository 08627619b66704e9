// A tool call comes to its end: the device answered, or nobody did in time.
import type { ArtifactId } from "#schema/ids.ts";
import type { ToolCallRow } from "#schema/space/read-models.ts";
import type { TurnRow } from "#schema/space/work.ts";
import { fact, inRun } from "../events/facts.ts";
import { runIdOf, toolCallIdOf } from "../events/ids.ts";
import type { OwnRun } from "./own-run.ts";
import { afterCalls } from "./resume.ts";
import type { Decision, Given } from "./work.ts";

/** An output that was too large to inline, kept whole in blob storage. */
export interface KeptArtifact {
  readonly id: ArtifactId;
  readonly r2Key: string;
  readonly sha256: string;
}

/** How a tool call ended. */
export type ToolOutcome =
  | {
      readonly status: "succeeded";
      readonly result: string;
      readonly bytes: number;
      readonly truncated: boolean;
      readonly artifact: KeptArtifact | null;
    }
  | { readonly status: "failed"; readonly code: string; readonly message: string }
  | { readonly status: "indeterminate"; readonly message: string };

/** Settles one tool call and lets its turn go on when it was the last one open. `siblings` are the other calls of its iteration. */
export const settleToolCall = (
  call: ToolCallRow,
  siblings: readonly ToolCallRow[],
  turn: TurnRow,
  run: OwnRun,
  outcome: ToolOutcome,
  principal: string,
  given: Given,
): Decision => {
  const place = inRun({ id: run.id, roomId: run.roomId });
  const context = { principal, correlationId: run.id, causationId: call.id };
  const id = toolCallIdOf(call.id);
  const ended =
    outcome.status === "succeeded"
      ? fact(
          "toolcall.succeeded",
          {
            tool_call_id: id,
            result: outcome.result,
            bytes: outcome.bytes,
            truncated: outcome.truncated,
            artifact_id: outcome.artifact?.id ?? null,
          },
          place,
          context,
        )
      : outcome.status === "failed"
        ? fact(
            "toolcall.failed",
            { tool_call_id: id, error: { code: outcome.code, message: outcome.message } },
            place,
            context,
          )
        : fact("toolcall.indeterminate", { tool_call_id: id, reason: outcome.message }, place, context);
  const artifact = outcome.status === "succeeded" ? outcome.artifact : null;
  const stored =
    artifact === null || outcome.status !== "succeeded"
      ? []
      : [
          fact(
            "artifact.stored",
            {
              artifact_id: artifact.id,
              run_id: runIdOf(run.id),
              tool_call_id: id,
              bytes: outcome.bytes,
              sha256: artifact.sha256,
              r2_key: artifact.r2Key,
            },
            place,
            context,
          ),
        ];
  return {
    facts: [...stored, ended],
    work: [
      {
        kind: "effect.settle",
        key: call.id,
        state: outcome.status === "succeeded" ? "settled" : outcome.status,
        at: given.now,
      },
      ...afterCalls(turn, [...siblings.map((sibling) => sibling.status), outcome.status], given.now),
    ],
  };
};
