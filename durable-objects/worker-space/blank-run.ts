// A run as it is before anything has come of it; whoever makes one says the rest.
import type { LoggedEvent } from "#schema/events/index.ts";
import type { RunRow } from "#schema/space/read-models.ts";

/** The columns that every new run begins with, from the event that made it. */
export const blankRun = (event: LoggedEvent) =>
  ({
    outputMessageId: null,
    outputSeq: null,
    error: null,
    modelCalls: 0,
    inputTokens: 0,
    outputTokens: 0,
    costUsd: 0,
    openApprovals: 0,
    createdAt: event.at,
    endedAt: null,
    durationMs: null,
    firstSeq: event.seq,
    streamSeq: event.stream_seq,
    output: null,
    engine: null,
    claims: 0,
    brought: null,
  }) satisfies Partial<RunRow>;
