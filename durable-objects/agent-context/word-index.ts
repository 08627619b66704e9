// The lexical half: FTS5 says which items hold a term, and BM25 over the stems of the likeliest ranks them. A term that stands
// nearly everywhere says little and costs the most: rare terms choose who is looked at, all terms rank them.
import { rankByWords, type WordedText, weightOfTerm } from "#domain/context/rank-words.ts";
import { insertRows, listedKeys, listedPairs, numbersIn } from "./many-rows.ts";
import { allows, type Narrowed } from "./narrowing.ts";

/** Terms of a question that are looked at, and of those that may choose items. */
export const MOST_TERMS = 64;
const MOST_CHOOSING = 16;
/** What a search may look at. */
interface Bounds {
  /**
   * Up to so many holders a term is counted exactly; beyond, their number is reckoned from how dense
   * the newest and the oldest are.
   */
  readonly counted: number;
  /** Holders of the choosing terms, together, at some 0.1 µs each; four times as many where there are very many items. */
  readonly holders: number;
}
const BOUNDS: Bounds = { counted: 250, holders: 10_000 };
/**
 * Items whose stems are read for the ranking, beyond those that are asked for: of the likeliest by their choosing terms, whose
 * order the common ones change yet, and of those that hold common ones alone.
 */
const LIKELY_BEYOND = 250;
const OTHERS_BEYOND = 50;
/** Steps of weight by which the likeliest are told from the others. */
const STEPS = 512;
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
    const counted = this.#count([...new Set(asked)].slice(0, MOST_TERMS), total)
      .filter(({ holders }) => holders > 0)
      .sort((a, b) => a.holders - b.holders);
    const most = Math.max(this.#bounds.holders, Math.min(4 * this.#bounds.holders, total / 25));
    const choosing = choose(counted, most);
    const weights = new Map(counted.map(({ term, holders }) => [term, weightOfTerm(holders, total)]));
    const chosen = this.#holding(choosing, weights, narrowed, most);
    const likely = best(chosen, room + LIKELY_BEYOND);
    if (chosen.size < room && choosing.length < counted.length)
      likely.push(...this.#others(counted.slice(choosing.length), room, chosen, narrowed));
    return rankByWords(this.of(likely), weights).slice(0, room);
  }

  // A term may be everywhere lately, or was once: the rarer end says what it is worth.
  #count(terms: readonly string[], total: number): Counted[] {
    const most = this.#bounds.counted;
    const newest = this.#ofEach(terms, "json_array(count(*), min(key))", "DESC", most);
    const common = terms.filter((_, at) => (newest[at]?.[0] ?? 0) >= most);
    if (common.length === 0) return terms.map((term, at) => ({ term, holders: newest[at]?.[0] ?? 0 }));
    const oldest = this.#ofEach(common, "json_array(count(*), max(key))", "ASC", most);
    const { last } = this.#sql.exec<{ last: number }>("SELECT max(key) AS last FROM items").one();
    return terms.map((term, at) => {
      const [found = 0, from = 1] = newest[at] ?? [];
      if (found < most) return { term, holders: found };
      const [, until = last] = oldest[common.indexOf(term)] ?? [];
      const holders = (last * most) / Math.max(last - from + 1, until);
      return { term, holders: Math.max(most, Math.min(total, Math.round(holders))) };
    });
  }

  /** The items that hold a choosing term, with what those terms weigh together. */
  #holding(
    choosing: readonly Counted[],
    weights: ReadonlyMap<string, number>,
    narrowed: Narrowed,
    most: number,
  ): Map<number, number> {
    const terms = choosing.map(({ term }) => term);
    const found = new Map<number, number>();
    for (const [at, keys] of this.#ofEach(terms, "json_group_array(key)", "DESC", most).entries()) {
      const weight = weights.get(terms[at] ?? "") ?? 0;
      for (const key of keys) if (allows(narrowed, key)) found.set(key, (found.get(key) ?? 0) + weight);
    }
    return found;
  }

  /** For each term, numbers about its newest or oldest holders: all terms in one statement. */
  #ofEach(terms: readonly string[], numbers: string, order: "ASC" | "DESC", most: number): number[][] {
    const rows = this.#sql.exec<{ numbers: string }>(
      `SELECT (SELECT ${numbers} FROM
         (SELECT rowid AS key FROM words WHERE words MATCH asked.value ORDER BY rowid ${order} LIMIT ?2)) AS numbers
       FROM json_each(?1) AS asked ORDER BY asked.key`,
      JSON.stringify(terms.map(phrase)),
      most,
    );
    return rows.toArray().map((row) => numbersIn(row.numbers));
  }

  /** Items that hold only terms which stand nearly everywhere: all there may be when they are few, else the newest. */
  #others(common: readonly Counted[], room: number, chosen: ReadonlyMap<number, number>, narrowed: Narrowed): number[] {
    if (narrowed.size === "few") return [...narrowed.keys].filter((key) => !chosen.has(key));
    const found = new Set<number>();
    const enough = room + OTHERS_BEYOND - chosen.size;
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

  /** The terms of the items of these keys, in the order of their keys. */
  of(keys: readonly number[]): WordedText[] {
    const pairs = listedPairs(
      this.#sql,
      "SELECT rowid AS key, stems AS said FROM words WHERE rowid IN (SELECT value FROM json_each(?)) ORDER BY rowid",
      JSON.stringify(keys),
    );
    return pairs.map(([key, stems]) => ({ key, terms: stems.split(" ") }));
  }
}

// Terms are letters and digits; the quotes keep any of them from being a word of FTS5's own language.
const phrase = (term: string): string => `"${term.replaceAll('"', '""')}"`;

/** The rarest terms, as long as their holders together stay within bounds. */
const choose = (counted: readonly Counted[], most: number): readonly Counted[] => {
  let left = most;
  const within = counted.findIndex(({ holders }, at) => {
    left -= holders;
    return left < 0 || at === MOST_CHOOSING;
  });
  return within === -1 ? counted : counted.slice(0, within);
};

/** About the keys of the greatest weights: in a few hundred steps of weight, not in full order; among equals the newest. */
const best = (weighed: ReadonlyMap<number, number>, most: number): number[] => {
  if (weighed.size <= most) return [...weighed.keys()];
  let greatest = 0;
  for (const weight of weighed.values()) if (weight > greatest) greatest = weight;
  const stepOf = (weight: number): number => Math.floor((weight / greatest) * (STEPS - 1));
  const heights = new Uint32Array(STEPS);
  for (const weight of weighed.values()) heights[stepOf(weight)] = (heights[stepOf(weight)] ?? 0) + 1;
  let [least, above] = [STEPS - 1, 0];
  while (least > 0 && above + (heights[least] ?? 0) < most) above += heights[least--] ?? 0;
  const taken: number[] = [];
  const level: number[] = [];
  for (const [key, weight] of weighed) {
    const step = stepOf(weight);
    if (step > least) taken.push(key);
    else if (step === least) level.push(key);
  }
  return [...taken, ...level.sort((a, b) => b - a).slice(0, most - above)];
};
