// Filters as sets of keys. Few keys are listed; many become a bitmap, which costs a bit an item and answers in no time, however
// often a search asks. Bitmaps of filters without instants are kept and follow every write: the object is its tables' only
// writer.
import { makeRoom } from "#adapters/kept.ts";
import { fits } from "#domain/context/fits.ts";
import type { ContextFilter, ContextItem } from "#domain/context/port.ts";
import { listedKeys } from "./many-rows.ts";

/** Which keys a search may find. */
export type Narrowed =
  | { readonly size: "all" }
  | { readonly size: "few"; readonly keys: ReadonlySet<number> }
  | { readonly size: "many"; has(key: number): boolean };

/** Whether a search may find this key. */
export const allows = (narrowed: Narrowed, key: number): boolean => {
  switch (narrowed.size) {
    case "all":
      return true;
    case "few":
      return narrowed.keys.has(key);
    case "many":
      return narrowed.has(key);
  }
};

/** A filter as a condition over `items`. */
export interface Condition {
  readonly sql: string;
  readonly bound: readonly (string | number)[];
}

/** So many keys are looked at one by one. */
const FEW = 2_000;
/** Keys of one statement: their list must stay far under the 2 MB a value may have. */
const RANGE = 100_000;
const KEPT = 8;

/** The condition that says the same as `fits`. */
export const conditionOf = (filter: ContextFilter): Condition => {
  const parts: (readonly [string, string | number])[] = [];
  if (filter.kind !== undefined) parts.push(["is_document = ?", filter.kind === "document" ? 1 : 0]);
  if (filter.success !== undefined) parts.push(["success = ?", filter.success ? 1 : 0]);
  if (filter.since !== undefined) parts.push(["at >= ?", filter.since]);
  if (filter.until !== undefined) parts.push(["at < ?", filter.until]);
  if (filter.document_id !== undefined) parts.push(["document_id = ?", filter.document_id]);
  if (filter.run_id !== undefined) parts.push(["run_id = ?", filter.run_id]);
  if (filter.tags !== undefined)
    parts.push([
      "key IN (SELECT key FROM tagged WHERE tag IN (SELECT value FROM json_each(?)))",
      JSON.stringify(filter.tags),
    ]);
  return { sql: ["1", ...parts.map(([sql]) => sql)].join(" AND "), bound: parts.map(([, value]) => value) };
};

const isEmpty = (filter: ContextFilter): boolean => Object.values(filter).every((value) => value === undefined);

/** A set of keys, a bit each. */
class Bitmap {
  #bits = new Uint8Array(1024);

  set(key: number, is: boolean): void {
    const at = key >>> 3;
    if (at >= this.#bits.length) {
      if (!is) return;
      const grown = new Uint8Array(Math.max(at + 1, this.#bits.length * 2));
      grown.set(this.#bits);
      this.#bits = grown;
    }
    const bit = 1 << (key & 7);
    const byte = this.#bits[at] ?? 0;
    this.#bits[at] = is ? byte | bit : byte & ~bit;
  }

  has(key: number): boolean {
    return ((this.#bits[key >>> 3] ?? 0) & (1 << (key & 7))) !== 0;
  }
}

/** The keys that filters leave. */
export class Narrowing {
  readonly #sql: SqlStorage;
  readonly #kept = new Map<string, { readonly filter: ContextFilter; readonly keys: Bitmap }>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  of(filter: ContextFilter): Narrowed {
    if (isEmpty(filter)) return { size: "all" };
    const name = JSON.stringify(Object.entries(filter).sort(([a], [b]) => (a < b ? -1 : 1)));
    const known = this.#kept.get(name);
    if (known !== undefined) {
      // The filter asked about the longest ago makes room.
      this.#kept.delete(name);
      this.#kept.set(name, known);
      return many(known.keys);
    }
    const few = this.#few(conditionOf(filter));
    if (few !== null) return { size: "few", keys: few };
    const keys = this.#many(filter);
    if (filter.since === undefined && filter.until === undefined) this.#keep(name, filter, keys);
    return many(keys);
  }

  /** An item was put under this key. */
  put(key: number, item: ContextItem): void {
    for (const { filter, keys } of this.#kept.values()) keys.set(key, fits(item, filter));
  }

  /** These keys are no item's any more. */
  delete(keys: readonly number[]): void {
    for (const kept of this.#kept.values()) for (const key of keys) kept.keys.set(key, false);
  }

  #keep(name: string, filter: ContextFilter, keys: Bitmap): void {
    this.#kept.set(name, { filter, keys });
    makeRoom(this.#kept, KEPT);
  }

  #few({ sql, bound }: Condition): ReadonlySet<number> | null {
    const found = this.#listed(`SELECT key FROM items WHERE ${sql} LIMIT ${FEW + 1}`, ...bound);
    return found.length > FEW ? null : new Set(found);
  }

  #many(filter: ContextFilter): Bitmap {
    const keys = new Bitmap();
    const { sql, bound } = conditionOf(filter);
    for (const [range, ...ends] of this.#ranges(filter))
      for (const key of this.#listed(`SELECT key FROM items ${range} AND ${sql}`, ...ends, ...bound))
        keys.set(key, true);
    return keys;
  }

  // By the index of instants where they leave a small part of all items. Else in ranges of the primary key: whatever the filter
  // is, this is one pass over a narrow table.
  *#ranges({ since, until }: ContextFilter): Iterable<readonly [string, ...number[]]> {
    const { last } = this.#sql.exec<{ last: number | null }>("SELECT max(key) AS last FROM items").one();
    const all = last ?? 0;
    if (since !== undefined || until !== undefined) {
      const most = Math.min(RANGE, Math.floor(all / 8));
      const between = [since ?? Number.MIN_SAFE_INTEGER, until ?? Number.MAX_SAFE_INTEGER] as const;
      const { n } = this.#sql
        .exec<{ n: number }>(
          "SELECT count(*) AS n FROM (SELECT 1 FROM items WHERE at >= ? AND at < ? LIMIT ?)",
          ...between,
          most + 1,
        )
        .one();
      if (n <= most) {
        yield ["INDEXED BY items_at WHERE at >= ? AND at < ?", ...between];
        return;
      }
    }
    for (let from = 1; from <= all; from += RANGE) yield ["NOT INDEXED WHERE key >= ? AND key < ?", from, from + RANGE];
  }

  #listed(keys: string, ...bound: readonly (string | number)[]): number[] {
    return listedKeys(this.#sql, keys, ...bound);
  }
}

const many = (keys: Bitmap): Narrowed => ({ size: "many", has: (key) => keys.has(key) });
