// How each event changes the read models. A function of the event and the rows alone: replaying the log makes the same rows.
import type { EventType, LoggedEvent } from "#schema/events/index.ts";
import type { Draft } from "./draft.ts";
import { approvalEvolvers } from "./evolve-approvals.ts";
import { callEvolvers } from "./evolve-calls.ts";
import { contextEvolvers } from "./evolve-context.ts";
import { egressEvolvers } from "./evolve-egress.ts";
import { engineEvolvers } from "./evolve-engines.ts";
import { incidentEvolvers } from "./evolve-incidents.ts";
import { logEvolvers } from "./evolve-log.ts";
import { planEvolvers } from "./evolve-plans.ts";
import { policyEvolvers } from "./evolve-policy.ts";
import { roomEvolvers } from "./evolve-rooms.ts";
import { runEvolvers } from "./evolve-runs.ts";
import { spaceEvolvers } from "./evolve-space.ts";
import type { Evolvers } from "./evolvers.ts";

const EVOLVERS: Evolvers<EventType> = {
  ...spaceEvolvers,
  ...roomEvolvers,
  ...runEvolvers,
  ...planEvolvers,
  ...callEvolvers,
  ...approvalEvolvers,
  ...engineEvolvers,
  ...incidentEvolvers,
  ...logEvolvers,
  ...policyEvolvers,
  ...egressEvolvers,
  ...contextEvolvers,
};

/** Applies one event to the draft. */
export const evolve = (draft: Draft, event: LoggedEvent): void => {
  evolverOf(event.type)(draft, event);
  if (event.stream_type === "run" && event.run_id !== null && draft.runs.get(event.run_id) !== null)
    draft.runs.change(event.run_id, () => ({ streamSeq: event.stream_seq }));
};

// A generic cannot show the compiler that the function under a type takes that type's event; the table above does.
const evolverOf = (type: EventType): ((draft: Draft, event: LoggedEvent) => void) =>
  EVOLVERS[type] as (draft: Draft, event: LoggedEvent) => void;
