// Open approvals with everything that hangs on them, as the deciders want them.
import { asToolApproval, type OpenApproval } from "#domain/approvals/close.ts";
import type { ApprovalRow, ToolCallRow } from "#schema/space/read-models.ts";
import type { TurnRow } from "#schema/space/work.ts";
import type { Tables } from "./tables.ts";

/** The tool calls of one iteration of a step: those a turn waits for together. */
export const callsOfIteration = (
  tables: Tables,
  { runId, stepId, iteration }: Pick<ToolCallRow, "runId" | "stepId" | "iteration">,
): ToolCallRow[] =>
  tables.toolCalls.find("where run_id = ? and step_id = ? and iteration = ? order by id", runId, stepId, iteration);

/** Joins an approval with its call, its turn and that call's siblings; null when its run is over. */
export const openApproval = (tables: Tables, row: ApprovalRow): OpenApproval | null => {
  const approval = asToolApproval(row);
  if (approval === null) return null;
  const call = tables.toolCalls.get(approval.toolCallId);
  const turn: TurnRow | undefined = call === null ? undefined : tables.turns.get(call.stepId);
  if (call === null || turn === undefined) return null;
  return { approval, call, turn, siblings: callsOfIteration(tables, call) };
};

// Rows are read one by one, and only those that are wanted: hundreds may be open, each as large as a row may be.
const pendingIds = (tables: Tables, condition: string, ...values: readonly string[]): string[] =>
  tables.sql
    .exec<{ id: string }>(`select id from approvals where status = 'pending' and ${condition} order by id`, ...values)
    .toArray()
    .map(({ id }) => id);

/** The open approvals of one room's own turns. */
export const openInRoom = (tables: Tables, roomId: string): OpenApproval[] => {
  const found: OpenApproval[] = [];
  for (const id of pendingIds(tables, "kind = 'tool' and room_id = ?", roomId)) {
    const row = tables.approvals.get(id);
    const open = row === null ? null : openApproval(tables, row);
    if (open !== null) found.push(open);
  }
  return found;
};

/** Of the open approvals whose time has passed, the first so many after an id. */
export const overdue = (tables: Tables, at: string, after: string, most: number): ApprovalRow[] =>
  tables.approvals.find("where status = 'pending' and expires_at <= ? and id > ? order by id limit ?", at, after, most);

/** The plans whose time has passed. */
export const overduePlans = (tables: Tables, at: string): string[] =>
  pendingIds(tables, "kind = 'plan' and expires_at <= ?", at);

/** The runs whose plan waits for a person. */
export const runsWithOpenPlans = (tables: Tables): string[] =>
  tables.sql
    .exec<{ runId: string }>(
      "select distinct run_id as runId from approvals where status = 'pending' and kind = 'plan' and run_id is not null",
    )
    .toArray()
    .map(({ runId }) => runId);

/** When each open approval ends, by its id. */
export const deadlinesOf = (tables: Tables): Map<string, number> =>
  new Map(
    tables.sql
      .exec<{ id: string; at: string }>("select id, expires_at as at from approvals where status = 'pending'")
      .toArray()
      .map(({ id, at }) => [id, Date.parse(at)]),
  );
