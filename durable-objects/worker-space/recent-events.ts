// The newest events of the log beside their table: what has just been written is asked about soon, and a statement costs more
// than the answer. A window that has no gap and ends at the head; it holds whatever was appended since it was emptied.
import type { LoggedEvent } from "#schema/events/index.ts";

/** Events kept at most, and characters of their data. */
const MOST_EVENTS = 500;
const MOST_CHARACTERS = 500_000;

interface Kept {
  readonly event: LoggedEvent;
  readonly characters: number;
}

export class RecentEvents {
  readonly #kept = new Map<number, Kept>();
  #characters = 0;

  /** Takes in what was appended at the head; `characters`: how long its data is. */
  add(event: LoggedEvent, characters: number): void {
    this.#kept.set(event.seq, { event, characters });
    this.#characters += characters;
    // The oldest make room. One event that is larger than all may be leaves none: the next one begins anew.
    for (const [seq, oldest] of this.#kept) {
      if (this.#kept.size <= MOST_EVENTS && this.#characters <= MOST_CHARACTERS) return;
      this.#kept.delete(seq);
      this.#characters -= oldest.characters;
    }
  }

  /** The event at this position, if it is here. */
  at(seq: number): LoggedEvent | null {
    return this.#kept.get(seq)?.event ?? null;
  }

  /** Everything from one position to another, or to the head; null when some of it is not here. */
  between(first: number, last: number): LoggedEvent[] | null {
    if (!this.#kept.has(first)) return null;
    const events: LoggedEvent[] = [];
    for (let seq = first; seq <= last; seq++) {
      const kept = this.#kept.get(seq);
      if (kept === undefined) break;
      events.push(kept.event);
    }
    return events;
  }

  /** Forgets everything: a transaction was rolled back, or words were taken out of the log. */
  clear(): void {
    this.#kept.clear();
    this.#characters = 0;
  }
}
