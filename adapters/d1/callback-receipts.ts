// Callbacks that were already taken, by the id inside their signature. One conditional insert takes one: of two equal
// callbacks at once exactly one is let through.
import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";

/** Receipts of signed callbacks. */
export interface CallbackReceipts {
  /** True the first time an id is seen. */
  take(id: string, at: number): Promise<boolean>;
  /** Gives it back: what it asked for could not be done. */
  release(id: string): Promise<void>;
  /** Forgets receipts from before an instant. */
  sweep(before: number): Promise<void>;
}

/** Receipts kept in the shared database. */
export const callbackReceipts = (db: Database): CallbackReceipts => ({
  async take(id, at) {
    const taken = await db.all<{ id: string }>(
      sql`INSERT INTO callback_receipts (id, at) VALUES (${id}, ${at}) ON CONFLICT DO NOTHING RETURNING id`,
    );
    return taken.length === 1;
  },
  release: async (id) => void (await db.run(sql`DELETE FROM callback_receipts WHERE id = ${id}`)),
  sweep: async (before) => void (await db.run(sql`DELETE FROM callback_receipts WHERE at < ${before}`)),
});
