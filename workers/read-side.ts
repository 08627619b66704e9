// Brings the account-wide read side up to a space's log: asks the space what came after the cursor, puts it in place, and
// asks again, until there is nothing more. The last question tells the space that everything was read.

import type { Database } from "#adapters/d1/database.ts";
import { applyChanges, closeProjection, cursorOf, type Whose } from "#adapters/d1/projection.ts";
import type { Logger } from "#adapters/logger.ts";
import type { SpaceChanges } from "#schema/read-side.ts";
import type { Result } from "#schema/result.ts";

/** What reading needs of the world. */
export interface ReadSideDeps {
  readonly db: Database;
  readonly log: Logger;
  readonly now: () => number;
  /** What changed after a position, asked of the space itself. */
  readonly changesSince: (whose: Whose, seq: number) => Promise<Result<SpaceChanges>>;
}

/** Answers of a space one job takes in; a longer backlog goes on as another job, so that others get their turn. */
const MOST_PAGES = 20;

/** Reads on; false when there is more than one job should read. Harmless when repeated, and at any number of places at once. */
export const catchUp = async (deps: ReadSideDeps, whose: Whose): Promise<boolean> => {
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const cursor = await cursorOf(deps.db, whose);
    const answer = await deps.changesSince(whose, cursor.seq);
    if (!answer.ok) throw new Error(`the space refused: ${answer.refusal.code}`);
    const changes = answer.value;
    if (changes.head < cursor.seq) {
      // A log that ends before what was read of it was cut short or is an older copy. Nothing is taken back by itself.
      deps.log.error("projection_ahead", { project_id: whose.project_id, seq: cursor.seq });
      return true;
    }
    if (changes.through === cursor.seq) {
      if (cursor.deleted) await closeProjection(deps.db, whose, deps.now());
      return true;
    }
    await applyChanges(deps.db, whose, cursor, changes);
  }
  return false;
};
