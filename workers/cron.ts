// What happens every quarter of an hour: heads that were not anchored for a day are asked for (the spaces send theirs by
// themselves; this finds the ones that were lost), and what has run out is forgotten.
import { unanchoredProjects } from "#adapters/d1/anchors.ts";
import type { Database } from "#adapters/d1/database.ts";
import type { Sessions } from "#adapters/d1/sessions.ts";
import type { Logger } from "#adapters/logger.ts";
import type { Job } from "#schema/jobs.ts";

/** What the clockwork needs of the world. */
export interface CronDeps {
  readonly db: Database;
  readonly enqueue: (jobs: readonly Job[]) => Promise<void>;
  readonly sessions: Pick<Sessions, "sweep">;
  readonly sweepThrottles: (before: number) => Promise<void>;
  readonly log: Logger;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** A sendBatch takes a hundred messages; ten of them a tick keep a large installation moving without waking it all at once. */
const PAGE = 100;
const MOST_A_TICK = 1000;

/** One tick. */
export const tick = async (deps: CronDeps, now: number): Promise<void> => {
  const neglected = await unanchoredProjects(deps.db, new Date(now - DAY_MS).toISOString(), MOST_A_TICK);
  for (let start = 0; start < neglected.length; start += PAGE) {
    await deps.enqueue(neglected.slice(start, start + PAGE).map((project) => ({ kind: "anchor_sweep", ...project })));
  }
  await deps.sessions.sweep(now);
  await deps.sweepThrottles(now - DAY_MS);
  deps.log.info("tick", { count: neglected.length });
};
