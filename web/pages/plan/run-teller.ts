// A run told from the log as it grows: what was told is kept, and only what is new is added. When something before changed
// (earlier pages, words taken out), it is told anew.
import { NO_TIME, timeAfter, type WorkTime } from "#client/sdk/work-time.ts";
import { SpaceEvent } from "#schema/events/index.ts";
import type { LogEntry } from "../../log/log-entry.ts";
import type { RoomEvent } from "../chat/room-event.ts";
import type { RunStory } from "../chat/story.ts";
import { newRun, tellRun } from "../chat/tell-run.ts";

/** A run's story, what each of its steps has cost, and how long it was worked on. */
export interface RunTold {
  readonly run: RunStory;
  readonly costs: ReadonlyMap<string, number>;
  readonly time: WorkTime;
}

const eventOf = ({ seq, at, type, runId, data }: LogEntry): RoomEvent => ({
  seq,
  at,
  type,
  runId,
  fact: data === null ? null : (SpaceEvent.safeParse({ type, version: 1, data }).data ?? null),
});

/** Tells one run. */
export class RunTeller {
  readonly #id: string;
  #told: RunTold;
  #entries: readonly LogEntry[] = [];

  constructor(id: string) {
    this.#id = id;
    this.#told = { run: newRun(id, ""), costs: new Map(), time: NO_TIME };
  }

  /** The story of these events; of the same ones, the same story. */
  tell(entries: readonly LogEntry[]): RunTold {
    const goesOn = this.#entries.every((entry, index) => entries[index] === entry);
    const fresh = goesOn ? entries.slice(this.#entries.length) : entries;
    if (!goesOn || this.#entries.length === 0)
      this.#told = { run: newRun(this.#id, entries[0]?.at ?? ""), costs: new Map(), time: NO_TIME };
    this.#entries = entries;
    if (fresh.length === 0) return this.#told;
    let { run, time } = this.#told;
    const costs = new Map(this.#told.costs);
    for (const event of fresh.map(eventOf)) {
      run = tellRun(run, event);
      time = timeAfter(time, event.fact, Date.parse(event.at));
      if (event.fact?.type !== "model.called" && event.fact?.type !== "model.failed") continue;
      const { step_id: step, cost_usd: cost } = event.fact.data;
      // One that failed and counts for nothing is as if nobody had been asked.
      if (cost === undefined) continue;
      costs.set(step, (costs.get(step) ?? 0) + (cost ?? 0));
    }
    this.#told = { run, costs, time };
    return this.#told;
  }
}
