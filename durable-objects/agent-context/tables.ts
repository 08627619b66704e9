// The tables of one agent's context. They are written by hand and live beside the code that reads them, because drizzle knows
// no FTS5 tables. A released step is never edited, only followed by another.

const SCHEMA = "schema";

// `items` is narrow on purpose: a filter that no index serves is one pass over it, and the texts are not read. `words` holds the
// stems of each text, one row an item; which rows hold a term is all its index knows (detail=none), because ranking reads the
// stems. `ascii` leaves every letter beyond ASCII as it is: the stems were cut before. With secure-delete a removed row's
// terms leave the index at once, instead of being marked.
const STEPS: readonly (readonly string[])[] = [
  [
    `CREATE TABLE items (
     key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, is_document INTEGER NOT NULL, success INTEGER, at INTEGER NOT NULL,
     document_id TEXT, run_id TEXT, vector_of INTEGER NOT NULL
   )`,
    "CREATE INDEX items_at ON items (at)",
    "CREATE INDEX items_document ON items (document_id) WHERE document_id IS NOT NULL",
    "CREATE INDEX items_run ON items (run_id) WHERE run_id IS NOT NULL",
    "CREATE INDEX items_vector ON items (vector_of)",
    `CREATE TABLE contents (
     key INTEGER PRIMARY KEY, title TEXT NOT NULL, text TEXT NOT NULL, tags TEXT NOT NULL, source TEXT NOT NULL
   )`,
    "CREATE TABLE tagged (tag TEXT NOT NULL, key INTEGER NOT NULL, PRIMARY KEY (tag, key)) WITHOUT ROWID",
    "CREATE VIRTUAL TABLE words USING fts5 (stems, tokenize = 'ascii', detail = none, columnsize = 0)",
    "INSERT INTO words (words, rank) VALUES ('secure-delete', 1)",
  ],
];

/** Brings the tables to today's shape; all of it or nothing. */
export const openTables = (storage: Pick<DurableObjectStorage, "sql" | "kv" | "transactionSync">): void => {
  const made = storage.kv.get<number>(SCHEMA) ?? 0;
  if (made >= STEPS.length) return;
  storage.transactionSync(() => {
    for (const statement of STEPS.slice(made).flat()) storage.sql.exec(statement);
    storage.kv.put(SCHEMA, STEPS.length);
  });
};
