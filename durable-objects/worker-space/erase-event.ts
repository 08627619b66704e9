// An event's words leave the log and everything that was made from them, in one transaction. What is stored must afterwards
// be what a replay of the log without them would make. So the events they can have reached are told twice over the same
// rows, once with the words and once without: what then differs is what came from them, and is put right. No table and no
// column has to be known here.
import type { LoggedEvent } from "#schema/events/index.ts";
import { Draft } from "./draft.ts";
import type { EventLog } from "./event-log.ts";
import { evolve } from "./evolve.ts";
import type { Tables } from "./tables.ts";

const PAGE = 200;

/** Takes an event's data out. Only inside a transaction of `commit`, after its marker was written. */
export const eraseEvent = (
  tables: Tables,
  log: EventLog,
  seq: number,
  skeleton: Readonly<Record<string, unknown>>,
): void => {
  const event = log.at(seq);
  if (event === null) throw new Error(`there is no event ${seq}`);
  const told = new Draft(tables);
  const retold = new Draft(tables);
  const tell = (later: LoggedEvent): void => {
    evolve(told, later);
    evolve(retold, later);
  };
  evolve(told, event);
  evolve(retold, log.without(seq, skeleton));
  for (const later of log.afterwards(event)) tell(later);
  // An agent's statistics go on with other runs: whatever of the words stood there may long have been replaced.
  for (let after = seq; !told.agentStats.agrees(retold.agentStats); ) {
    const page = log.endings(after, PAGE);
    const last = page.at(-1);
    if (last === undefined) break;
    for (const later of page) if (later.run_id !== event.run_id) tell(later);
    after = last.seq;
  }
  told.amend(retold);
  forgetArguments(tables, event);
  log.erase(seq);
};

// The ledger keeps what a device was sent; it is settled, and a repeat is told by its key alone.
const forgetArguments = (tables: Tables, { data }: LoggedEvent): void => {
  if (!("tool_call_id" in data) || data.tool_call_id === null) return;
  const effect = tables.effects.get(data.tool_call_id);
  if (effect !== null) tables.effects.put({ ...effect, payload: { ...effect.payload, arguments: {} } });
};
