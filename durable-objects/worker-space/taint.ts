// Whether a turn had read what a tool brought, or a document, before it asked for something. What earlier work read, and what a
// tool had remembered, comes back by being looked up: it is as strange the second time. Judged as of the asking: what comes in
// later cannot have been in the arguments, and must not turn an allowed call into a denied one.
import { READING_TOOLS } from "#domain/memory/write-call.ts";
import type { OwnRun } from "#domain/runs/own-run.ts";
import type { ToolCallRow } from "#schema/space/read-models.ts";
import type { Core } from "./core.ts";

/** Where and when something was asked for; `through`: the position of the log it came at, where that is known. */
export type Asking = Pick<ToolCallRow, "stepId" | "iteration" | "requestedAt"> & { readonly through?: number };

const QUERY = `select 1 from tool_calls where run_id = ? and status = 'succeeded' and tool in (${READING_TOOLS.map(() => "?").join(", ")})
  and ((step_id = ? and iteration < ?) or (step_id <> ? and ended_at <= ?)) limit 1`;

/** True when the run had brought strangers' text into what its models see by an event: that of its end, or of a step's. */
export const readUntil = (core: Core, run: OwnRun, end: { seq: number; at: string }): boolean => {
  const asking = { stepId: "", iteration: 0, requestedAt: end.at, through: end.seq };
  return (!answeredAtOnce(run) && readByTool(core, run, asking)) || lookedUpStrange(core, run, asking);
};

/** True when the run had by then brought strangers' text into what its models see. */
export const readBefore = (core: Core, run: Place, asking: Asking): boolean =>
  readByTool(core, run, asking) || lookedUpStrange(core, run, asking);

type Place = Pick<OwnRun, "id" | "firstSeq">;

/** Whoever was asked once and answered has called no tool. */
const answeredAtOnce = ({ mode, status, modelCalls }: OwnRun): boolean =>
  mode === "direct" && status === "completed" && modelCalls <= 1;

const readByTool = ({ tables }: Core, run: Place, { stepId, iteration, requestedAt }: Asking): boolean =>
  tables.sql.exec(QUERY, run.id, ...READING_TOOLS, stepId, iteration, stepId, requestedAt).toArray().length > 0;

const lookedUpStrange = ({ log }: Core, run: Place, { requestedAt, through }: Asking): boolean =>
  log
    .ofRun(run.id, run.firstSeq, "context.retrieved", through)
    .some(
      (event) =>
        event.type === "context.retrieved" &&
        event.at <= requestedAt &&
        (event.data.items ?? []).some(({ kind, from_tools }) => kind === "document" || from_tools === true),
    );
