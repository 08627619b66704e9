// The shared database behind drizzle, and what every repository here shares.
import type { SQLWrapper } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { SQLiteAsyncDialect } from "drizzle-orm/sqlite-core";
import { type Id, type IdKind, isId } from "#schema/ids.ts";

/** Opens the shared database. */
export const openDatabase = (d1: D1Database) => drizzle(d1);
export type Database = ReturnType<typeof openDatabase>;

const dialect = new SQLiteAsyncDialect();

/**
 * Runs statements as one transaction and returns the rows of each. Drizzle's own `batch` cannot bind the parameters of a
 * statement written by hand, which is what a conditional write is.
 */
export const together = async <Row>(db: Database, ...statements: readonly SQLWrapper[]): Promise<Row[][]> => {
  const prepared = statements.map((statement) => {
    const { sql, params } = dialect.sqlToQuery(statement.getSQL());
    return db.$client.prepare(sql).bind(...params);
  });
  return (await db.$client.batch<Row>(prepared)).map(({ results }) => results);
};

/** Rows keep ids as plain text; here they get their kind back, checked. */
export const storedId = <K extends IdKind>(kind: K, text: string): Id<K> => {
  if (!isId(kind, text)) throw new Error(`a stored ${kind} id is malformed`);
  return text;
};

/** A stored time as the API shows it. */
export const instant = (ms: number): string => new Date(ms).toISOString();
