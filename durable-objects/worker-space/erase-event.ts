// An event's words leave the log and everything that was made from them, in one transaction. What is stored must afterwards
// be what a replay of the log without them would make. So the story they are part of is told twice from its beginning, once
// with the words and once without: what then differs came from them, and is put right. No table and no column has to be
// known here.
import type { LoggedEvent } from "#schema/events/index.ts";
import { Draft, type Hidden } from "./draft.ts";
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
  const hiding = hideStory(log, event);
  const told = new Draft(tables, hiding.hidden);
  const retold = new Draft(tables, hiding.hidden);
  const tell = (one: LoggedEvent, again: LoggedEvent): void => {
    try {
      evolve(told, one);
      evolve(retold, again);
    } catch {
      // It speaks of something that another story made: that is to be seen after all.
      hiding.seen(() => {
        evolve(told, one);
        evolve(retold, again);
      });
    }
  };
  for (const one of log.storyOf(event)) tell(one, one.seq === seq ? log.without(seq, skeleton) : one);
  // An agent's statistics go on with other runs: whatever of the words stood there may long have been replaced.
  for (let after = seq; !told.agentStats.agrees(retold.agentStats); ) {
    const page = log.endings(after, PAGE);
    const last = page.at(-1);
    if (last === undefined) break;
    for (const later of page) if (later.run_id !== event.run_id) tell(later, later);
    after = last.seq;
  }
  told.amend(retold);
  forgetArguments(tables, event);
  log.erase(seq);
};

// The story's own rows are as if they were not there: what makes them is told again.
const hideStory = (log: EventLog, event: LoggedEvent): { hidden: Hidden; seen(act: () => void): void } => {
  const stream = log.byId(event.event_id)?.stream_id ?? "";
  let hiding = true;
  return {
    hidden: (row) => {
      if (!hiding) return false;
      if ("id" in row && (row.id === stream || row.id === event.run_id)) return true;
      return event.run_id !== null && "runId" in row && row.runId === event.run_id;
    },
    seen: (act) => {
      hiding = false;
      try {
        act();
      } finally {
        hiding = true;
      }
    },
  };
};

// The ledger keeps what a device was sent; it is settled, and a repeat is told by its key alone.
const forgetArguments = (tables: Tables, { data }: LoggedEvent): void => {
  if (!("tool_call_id" in data) || data.tool_call_id === null) return;
  const effect = tables.effects.get(data.tool_call_id);
  if (effect !== null) tables.effects.put({ ...effect, payload: { ...effect.payload, arguments: {} } });
};
