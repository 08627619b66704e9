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

/** The open approvals of one room. */
export const openInRoom = (tables: Tables, roomId: string): OpenApproval[] =>
  joined(tables, tables.approvals.find("where status = 'pending' and room_id = ?", roomId));

/** The open approvals whose time has passed. */
export const overdue = (tables: Tables, at: string): ApprovalRow[] =>
  tables.approvals.find("where status = 'pending' and expires_at <= ?", at);

const joined = (tables: Tables, rows: ApprovalRow[]): OpenApproval[] =>
  rows.map((row) => openApproval(tables, row)).filter((open) => open !== null);
