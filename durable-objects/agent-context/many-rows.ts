// Many rows in few statements: in an object a statement costs more than the row it writes or the number it reads.

/** Values bound to one statement at most, as the platform has it. */
const MOST_BOUND = 100;

/** What a statement selects as `key`, in one value: ten times as fast as a row each. */
export const listedKeys = (sql: SqlStorage, keys: string, ...bound: readonly (string | number)[]): number[] => {
  const { list } = sql.exec<{ list: string }>(`SELECT json_group_array(key) AS list FROM (${keys})`, ...bound).one();
  return numbersIn(list);
};

/** What a statement selects as `key` and the text `said` of it, in one value. */
export const listedPairs = (
  sql: SqlStorage,
  pairs: string,
  ...bound: readonly (string | number)[]
): [number, string][] => {
  const { list } = sql
    .exec<{ list: string }>(`SELECT json_group_array(json_array(key, said)) AS list FROM (${pairs})`, ...bound)
    .one();
  return JSON.parse(list) as [number, string][];
};

/** The one parser of SQLite's own lists of integers. */
export const numbersIn = (list: string): number[] => JSON.parse(list) as number[];

/** Inserts rows of the same columns, as many with one statement as may be. */
export const insertRows = (
  sql: SqlStorage,
  insert: string,
  rows: readonly (readonly (string | number | null)[])[],
): void => {
  const columns = rows[0]?.length ?? 1;
  const atOnce = Math.max(1, Math.floor(MOST_BOUND / columns));
  const row = `(${Array(columns).fill("?").join(", ")})`;
  for (let from = 0; from < rows.length; from += atOnce) {
    const some = rows.slice(from, from + atOnce);
    sql.exec(`${insert} VALUES ${Array(some.length).fill(row).join(", ")}`, ...some.flat());
  }
};
