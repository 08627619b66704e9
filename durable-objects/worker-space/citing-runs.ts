// Which runs' answers rest on a memory: those that are posted say so themselves, and what steps of a team answered to each other
// cites by the same numbers. Read from the log alone, when a memory is deleted.
import { citationsIn } from "#domain/context/citations.ts";
import type { Core } from "./core.ts";
import { ownRun, retrievedOf } from "./scenes.ts";

const POSTED = `select distinct run_id as id from messages, json_each(messages.citations)
  where messages.citations is not null and messages.run_id is not null and json_each.value ->> '$.id' = ?`;

/** Runs of several steps that were shown it. One that has one step posts what that step answered. */
const SHOWN = `select distinct events.run_id as id from events join runs on runs.id = events.run_id
  where events.type = 'context.retrieved' and runs.mode = 'orchestrated' and instr(events.data, ?) > 0`;

/** The runs in which an answer, or a step's, cites one of these memories. */
export const runsCiting = (core: Core, memoryIds: readonly string[]): ReadonlySet<string> => {
  const { sql } = core.tables;
  const ids = (query: string): string[] =>
    memoryIds.flatMap((memory) => [...sql.exec<{ id: string }>(query, memory)].map(({ id }) => id));
  const gone = new Set(memoryIds);
  const shown = [...new Set(ids(SHOWN))].filter((runId) => stepsCite(core, runId, gone));
  return new Set([...ids(POSTED), ...shown]);
};

const stepsCite = (core: Core, runId: string, memoryIds: ReadonlySet<string>): boolean => {
  const run = ownRun(core, runId);
  if (run === null) return false;
  const retrieved = retrievedOf(core, run);
  return core.log
    .ofRun(run.id, run.firstSeq, "step.completed")
    .some(
      (event) =>
        event.type === "step.completed" &&
        citationsIn(event.data.output ?? "", () => retrieved).some(({ id }) => memoryIds.has(id)),
    );
};
