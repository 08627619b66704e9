// A space's migrated storage for a test that asks how often it is read: a look inside, with its reads counted.
import { runInDurableObject } from "cloudflare:test";
import { CountedSql } from "#durable-objects/worker-space/counted-sql.ts";
import { freshSpace, roomIn } from "./spaces.ts";

/** Looks into a new space; `queries` tells how many selects were made until then. */
export const withCountedQueries = async (
  look: (sql: CountedSql, storage: DurableObjectStorage, queries: () => number) => void,
): Promise<void> => {
  const space = freshSpace();
  await roomIn(space);
  await runInDurableObject(space.object, (_, { storage }) => {
    let queries = 0;
    const sql = new (class extends CountedSql {
      override exec<T extends Record<string, SqlStorageValue>>(query: string, ...bindings: unknown[]) {
        if (query.startsWith("select")) queries += 1;
        return super.exec<T>(query, ...bindings);
      }
    })(storage.sql);
    look(sql, storage, () => queries);
  });
};
