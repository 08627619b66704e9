// The shared database behind drizzle, and the two conversions every repository here makes.
import { drizzle } from "drizzle-orm/d1";
import { type Id, type IdKind, isId } from "#schema/ids.ts";

/** Opens the shared database. */
export const openDatabase = (d1: D1Database) => drizzle(d1);
export type Database = ReturnType<typeof openDatabase>;

/** Rows keep ids as plain text; here they get their kind back, checked. */
export const storedId = <K extends IdKind>(kind: K, text: string): Id<K> => {
  if (!isId(kind, text)) throw new Error(`a stored ${kind} id is malformed`);
  return text;
};

/** A stored time as the API shows it. */
export const instant = (ms: number): string => new Date(ms).toISOString();
