// The lexical half: FTS5 says which items hold a term, and BM25 over the stems of the likeliest ranks them. A term that stands
// nearly everywhere says little and costs the most: rare terms choose who is looked at, all terms rank them.
import { rankByWords, type WordedText, weightOfTerm } from "#domain/context/rank-words.ts";
import { insertRows, listedKeys } from "./many-rows.ts";
import type { Narrowed } from "./narrowing.ts";

/** Terms of a question that are looked at, and of those that may choose items. */
const MOST_TERMS = 64;
const MOST_CHOOSING = 16;
/** What a search may look at. */
interface Bounds {
  /** Up to so many holders a term is counted exactly; beyond, their number is reckoned from how dense the newest are. */
  readonly counted: number;
  /** Holders of the choosing terms, together. At about 0.1 µs each they cost some milliseconds, whatever the store holds. */
  readonly holders: number;
}
const BOUNDS: Bounds = { counted: 500, holders: 10_000 };
/** Items whose stems are read for the ranking, beyond those that are asked for. */
const READ_BEYOND = 100;
/** How many holders of a term that stands everywhere are looked through at a time for enough that may be found. */
const STRETCH = 20_000;

interface Counted {
  readonly term: string;
  readonly holders: number;
}

/** The words of one context's items. Terms come here stemmed. */
export class WordIndex {
  readonly #sql: SqlStorage;
  readonly #bounds: Bounds;

  constructor(sql: SqlStorage, bounds: Bounds = BOUNDS) {
    this.#sql = sql;
    this.#bounds = bounds;
  }

  /** Stores the terms of items that have none here. */
  put(texts: readonly WordedText[]): void {
    insertRows(
      this.#sql,
      "INSERT INTO words (rowid, stems)",
      texts.map(({ key, terms }) => [key, terms.join(" ")]),
    );
  }

  delete(keys: readonly number[]): void {
    this.#sql.exec("DELETE FROM words WHERE rowid IN (SELECT value FROM json_each(?))", JSON.stringify(keys));
  }

  /** The keys of at most `room` items that hold any of the terms, best first. `total`: of all items. */
  search(asked: readonly string[], room: number, total: number, narrowed: Narrowed): number[] {
    const counted = [...new Set(asked)]
      .slice(0, MOST_TERMS)
      .map((term) => this.#count(term, total))
      .filter(({ holders }) => holders > 0)
      .sort((a, b) => a.holders - b.holders);
    const choosing = choose(counted, this.#bounds.holders);
    const weights = new Map(counted.map(({ term, holders }) => [term, weightOfTerm(holders, total)]));
    const chosen = this.#holding(choosing, weights, narrowed);
    const likely = best(chosen, room + READ_BEYOND);
    if (chosen.size < room && choosing.length < counted.length)
      likely.push(...this.#others(counted.slice(choosing.length), room, chosen, narrowed));
    return rankByWords(this.#texts(likely), weights).slice(0, room);
  }

  #count(term: string, total: number): Counted {
    const most = this.#bounds.counted;
    const newest = this.#sql
      .exec<{ n: number; oldest: number | null; last: number | null }>(
        `SELECT count(*) AS n, min(key) AS oldest, max(key) AS last
         FROM (SELECT rowid AS key FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT ?)`,
        phrase(term),
        most,
      )
      .one();
    if (newest.n < most || newest.oldest === null || newest.last === null) return { term, holders: newest.n };
    const density = most / (newest.last - newest.oldest + 1);
    return { term, holders: Math.max(most, Math.min(total, Math.round(density * total))) };
  }

  /** The items that hold a choosing term, with what those terms weigh together. */
  #holding(
    choosing: readonly Counted[],
    weights: ReadonlyMap<string, number>,
    narrowed: Narrowed,
  ): Map<number, number> {
    const found = new Map<number, number>();
    for (const { term } of choosing) {
      const weight = weights.get(term) ?? 0;
      for (const key of this.#newest(term, Number.MAX_SAFE_INTEGER, this.#bounds.holders))
        if (allows(narrowed, key)) found.set(key, (found.get(key) ?? 0) + weight);
    }
    return found;
  }

  /** Items that hold only terms which stand nearly everywhere: all there may be when they are few, else the newest. */
  #others(common: readonly Counted[], room: number, chosen: ReadonlyMap<number, number>, narrowed: Narrowed): number[] {
    if (narrowed.size === "few") return [...narrowed.keys].filter((key) => !chosen.has(key));
    const found = new Set<number>();
    const enough = room + READ_BEYOND - chosen.size;
    for (const { term } of common) {
      for (let below = Number.MAX_SAFE_INTEGER; found.size < enough; ) {
        // A first look is short: mostly the newest few are enough.
        const stretch = this.#newest(term, below, below === Number.MAX_SAFE_INTEGER ? enough : STRETCH);
        for (const key of stretch) if (found.size < enough && !chosen.has(key) && allows(narrowed, key)) found.add(key);
        const last = stretch.at(-1);
        if (last === undefined) break;
        below = last;
      }
    }
    return [...found];
  }

  #newest(term: string, below: number, most: number): number[] {
    return listedKeys(
      this.#sql,
      "SELECT rowid AS key FROM words WHERE words MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?",
      phrase(term),
      below,
      most,
    );
  }

  #texts(keys: readonly number[]): WordedText[] {
    const rows = this.#sql.exec<{ key: number; stems: string }>(
      "SELECT rowid AS key, stems FROM words WHERE rowid IN (SELECT value FROM json_each(?))",
      JSON.stringify(keys),
    );
    return rows.toArray().map(({ key, stems }) => ({ key, terms: stems.split(" ") }));
  }
}

// Terms are letters and digits; the quotes keep any of them from being a word of FTS5's own language.
const phrase = (term: string): string => `"${term.replaceAll('"', '""')}"`;

const allows = (narrowed: Narrowed, key: number): boolean => {
  switch (narrowed.size) {
    case "all":
      return true;
    case "few":
      return narrowed.keys.has(key);
    case "many":
      return narrowed.has(key);
  }
};

/** The rarest terms, as long as their holders together stay within bounds. */
const choose = (counted: readonly Counted[], most: number): readonly Counted[] => {
  let left = most;
  const within = counted.findIndex(({ holders }, at) => {
    left -= holders;
    return left < 0 || at === MOST_CHOOSING;
  });
  return within === -1 ? counted : counted.slice(0, within);
};

/** The keys of the greatest weights; among equals the newest. */
const best = (weighed: ReadonlyMap<number, number>, most: number): number[] => {
  if (weighed.size <= most) return [...weighed.keys()];
  const least = Float64Array.from(weighed.values()).sort().at(-most) ?? 0;
  const entries = [...weighed];
  const above = entries.filter(([, weight]) => weight > least).map(([key]) => key);
  const level = entries.filter(([, weight]) => weight === least).map(([key]) => key);
  return [...above, ...level.sort((a, b) => b - a).slice(0, most - above.length)];
};
