// What changed in a space after a position of its log, for the read side: the entries touched, as they stand now, and sums of
// what happened. An entry may be newer than `through`; it is told again with the events that made it so. Of an event's data
// only the few fields that count are read, never what somebody said.
import { nameOf, OFFLINE_PROVIDER } from "#domain/models/candidates.ts";
import { type CountedCall, sumDays, sumUsage } from "#domain/stats/sum.ts";
import type { SpaceChanges } from "#schema/read-side.ts";
import type { ApprovalRow, RoomRow, RunRow } from "#schema/space/read-models.ts";
import type { Tables } from "./tables.ts";

/** Events one answer speaks of at most. */
const MOST_EVENTS = 500;

// Of a redacted event only the skeleton is left, in the marker that vouches for it; what counts is in there.
const DATA = `coalesce(data, (select marker.data -> '$.skeleton' from redactions join events as marker
  on marker.seq = redactions.marker_seq where redactions.seq = events.seq))`;

/** Model calls that count: those of turns, those beside them, and those that failed and may have been charged. */
const CALLS = "type in ('model.called', 'model.used', 'model.failed')";

const QUERY = `select seq, type, at, principal, room_id as roomId, run_id as runId,
  case when type glob 'approval.*' then ${DATA} ->> '$.approval_id' end as approvalId,
  case when ${CALLS} then ${DATA} ->> '$.model' end as model,
  case when ${CALLS} then ${DATA} ->> '$.provider' end as provider,
  case when ${CALLS} then ${DATA} ->> '$.input_tokens' end as inputTokens,
  case when ${CALLS} then ${DATA} ->> '$.output_tokens' end as outputTokens,
  case when ${CALLS} then ${DATA} ->> '$.cost_usd' end as costUsd
  from events where seq > ? order by seq limit ?`;

type Touch = {
  readonly seq: number;
  readonly type: string;
  readonly at: string;
  readonly principal: string;
  readonly roomId: string | null;
  readonly runId: string | null;
  readonly approvalId: string | null;
  readonly model: string | null;
  readonly provider: string | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly costUsd: number | null;
};

/** Everything after `seq`, as much as one answer may hold. */
export const changesAfter = (tables: Tables, head: number, seq: number, limit = MOST_EVENTS): SpaceChanges => {
  const touches = [...tables.sql.exec<Touch>(QUERY, seq, Math.min(limit, MOST_EVENTS))];
  const rooms = entriesOf(
    touches,
    ({ roomId }) => roomId,
    tables.rooms,
    (room) => room,
  );
  const runs = entriesOf(
    touches,
    ({ runId }) => runId,
    tables.runs,
    (run) => ({
      entry: runEntry(run),
      firstSeq: run.firstSeq,
    }),
  );
  const approvals = entriesOf(touches, ({ approvalId }) => approvalId, tables.approvals, approvalEntry);
  return {
    through: touches.at(-1)?.seq ?? seq,
    head,
    sessions: [...rooms.values()].filter((room) => !room.deleted).map((room) => sessionEntry(tables, room)),
    deletedSessions: [...rooms.values()].filter((room) => room.deleted).map((room) => room.id),
    runs: [...runs.values()].map(({ entry }) => entry),
    approvals: [...approvals.values()],
    usage: sumUsage(touches.flatMap((touch) => countedCall(tables, touch))),
    days: sumDays(
      touches.map(({ seq, type, at, runId }) => ({
        type,
        at,
        beginsRun: runId !== null && runs.get(runId)?.firstSeq === seq,
      })),
    ),
  };
};

// One row at a time, and of each only its entry stays: five hundred whole ones may be more than fits in memory.
const entriesOf = <R, E>(
  touches: readonly Touch[],
  idOf: (touch: Touch) => string | null,
  rows: { get(id: string): R | null },
  entryOf: (row: R) => E,
): Map<string, E> => {
  const found = new Map<string, E>();
  for (const touch of touches) {
    const id = idOf(touch);
    const row = id === null || found.has(id) ? null : rows.get(id);
    if (id !== null && row !== null) found.set(id, entryOf(row));
  }
  return found;
};

const sessionEntry = (tables: Tables, room: RoomRow) => {
  const [newest] = tables.sql.exec<{ at: string }>(
    "select created_at as at from messages where room_id = ? order by stream_seq desc limit 1",
    room.id,
  );
  return { id: room.id, title: room.title, createdAt: room.createdAt, updatedAt: newest?.at ?? room.createdAt };
};

const runEntry = (run: RunRow) => ({
  id: run.id,
  sessionId: run.roomId,
  mode: run.mode,
  status: run.status,
  agentId: run.agentId,
  agentName: run.agentName,
  errorCode: run.error?.code ?? null,
  modelCalls: run.modelCalls,
  inputTokens: run.inputTokens,
  outputTokens: run.outputTokens,
  costUsd: run.costUsd,
  createdAt: run.createdAt,
  endedAt: run.endedAt,
  durationMs: run.durationMs,
});

const approvalEntry = (approval: ApprovalRow) => ({
  id: approval.id,
  kind: approval.kind,
  status: approval.status,
  tool: approval.tool,
  sessionId: approval.roomId,
  runId: approval.runId,
  agentId: approval.agentId,
  agentName: approval.agentName,
  requestedAt: approval.requestedAt,
  expiresAt: approval.expiresAt,
  decidedAt: approval.decidedAt,
});

const AGENT = "agent:";

// A model is known by its provider's name, too; our own, and those of before there was a choice, have none.
const shownModel = (model: string, provider: string | null): string =>
  provider === null || provider === OFFLINE_PROVIDER ? model : nameOf({ provider, model });

/** A model call belongs to the agent that made it, which the log names as its principal. */
const countedCall = (tables: Tables, touch: Touch): CountedCall[] => {
  const { at, principal, inputTokens, outputTokens, costUsd } = touch;
  if (touch.model === null || (touch.type === "model.failed" && costUsd === null)) return [];
  const model = shownModel(touch.model, touch.provider);
  const agentId = principal.startsWith(AGENT) ? principal.slice(AGENT.length) : principal;
  const agentName = tables.agents.get(agentId)?.name ?? agentId.slice(agentId.indexOf(":") + 1);
  return [{ at, agentId, agentName, model, inputTokens: inputTokens ?? 0, outputTokens: outputTokens ?? 0, costUsd }];
};
