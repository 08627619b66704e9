// The shape of what changes the read models: one function an event type, of the event and the rows alone. Each family of
// events has its own file; `evolve.ts` joins them, and the compiler demands that none is missing.
import type { EventType, LoggedEvent } from "#schema/events/index.ts";
import type { Draft } from "./draft.ts";

/** The logged event of one type. */
export type Logged<T extends EventType> = Extract<LoggedEvent, { type: T }>;

/** How the events of some types change the read models. */
export type Evolvers<T extends EventType> = { readonly [K in T]: (draft: Draft, event: Logged<K>) => void };

/** An event that no read model keeps anything of. */
export const nothing = (): void => {};

/** A row that an earlier event made. */
export const made = <R>(row: R | null, id: string): R => {
  if (row === null) throw new Error(`an event speaks of ${id}, which no earlier event made`);
  return row;
};
