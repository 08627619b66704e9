// Which runs wait for an outside engine, oldest first, and which are held. Kept in memory beside the tables: a claim then reads
// nothing but the run it takes. It is told of every commit, and read anew when the object starts.
import { lastsUntil } from "#domain/engines/external-run.ts";
import type { LoggedEvent } from "#schema/events/index.ts";
import type { RunRow } from "#schema/space/read-models.ts";
import type { Tables } from "./tables.ts";

type Asked = Pick<RunRow, "id" | "roomId" | "createdAt">;

interface OpenRun {
  readonly roomId: string;
  readonly until: number;
}

export class EngineQueue {
  readonly #tables: Tables;
  /** When each lease that is held runs out, epoch ms. Never later than its row says: too early is only looked at in vain. */
  readonly #held = new Map<string, number>();
  /** Everything that has not ended, oldest first: ids sort by time. */
  readonly #open = new Map<string, OpenRun>();
  readonly #waiting: string[] = [];

  constructor(tables: Tables) {
    this.#tables = tables;
    // No more of them than is needed: ten thousand runs with what they were given would be more than an object has memory.
    const open = tables.sql.exec<Asked>(
      "select id, room_id as roomId, created_at as createdAt from runs where mode = 'external' and ended_at is null order by id",
    );
    for (const run of open.toArray()) {
      this.#begin(run);
      const lease = tables.leases.get(run.id);
      if (lease?.state === "held") this.#held.set(run.id, lease.expiresAt);
      else this.#waiting.push(run.id);
    }
  }

  /** How many have not ended. */
  get size(): number {
    return this.#open.size;
  }

  /** The oldest that waits, of one room or of all. */
  first(roomId: string | null): string | null {
    if (roomId === null) return this.#waiting[0] ?? null;
    return this.#waiting.find((id) => this.#open.get(id)?.roomId === roomId) ?? null;
  }

  /** Everything that has not ended, of one room or of all. */
  open(roomId: string | null): string[] {
    return [...this.#open].filter(([, run]) => roomId === null || run.roomId === roomId).map(([id]) => id);
  }

  /** A lease was prolonged. */
  extend(id: string, expiresAt: number): void {
    if (this.#held.has(id)) this.#held.set(id, expiresAt);
  }

  /** Runs whose lease ran out by now. */
  lapsed(now: number): string[] {
    const found: string[] = [];
    for (const [id, expiresAt] of this.#held) if (expiresAt <= now) found.push(id);
    return found;
  }

  /** Runs that should have ended by now. */
  overdue(now: number): string[] {
    const found: string[] = [];
    for (const [id, { until }] of this.#open) {
      if (until > now) break;
      found.push(id);
    }
    return found;
  }

  /** When to look next, epoch ms; null when nothing is open. */
  nextDeadline(): number | null {
    let next: number | null = null;
    for (const { until } of this.#open.values()) {
      next = until;
      break;
    }
    for (const expiresAt of this.#held.values()) next = Math.min(next ?? expiresAt, expiresAt);
    return next;
  }

  /** Hears of every committed event. */
  heed(event: LoggedEvent): void {
    switch (event.type) {
      case "run.requested": {
        const run = this.#tables.runs.get(event.data.run_id);
        if (run !== null) this.#begin(run);
        return this.#wait(event.data.run_id);
      }
      case "run.claimed":
        this.#held.set(event.data.run_id, Date.parse(event.data.expires_at));
        return this.#unwait(event.data.run_id);
      case "run.lease_released":
      case "run.lease_expired":
      case "run.attempt_failed":
        this.#held.delete(event.data.run_id);
        return this.#wait(event.data.run_id);
      case "external_run.completed":
      case "external_run.failed":
      case "external_run.cancelled":
        this.#open.delete(event.data.run_id);
        this.#held.delete(event.data.run_id);
        return this.#unwait(event.data.run_id);
      default:
        return;
    }
  }

  #begin(run: Asked): void {
    this.#open.set(run.id, { roomId: run.roomId, until: lastsUntil(run) });
  }

  /** Where an id stands, or would stand. */
  #place(id: string): number {
    let low = 0;
    let high = this.#waiting.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#waiting[middle] ?? "") < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #wait(id: string): void {
    const place = this.#place(id);
    if (this.#waiting[place] !== id) this.#waiting.splice(place, 0, id);
  }

  #unwait(id: string): void {
    const place = this.#place(id);
    if (this.#waiting[place] === id) this.#waiting.splice(place, 1);
  }
}
