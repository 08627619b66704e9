// What happens every quarter of an hour: what was lost is found (heads that were not anchored for a day, spaces that were
// not read to their end, schedules nobody came for; all come by themselves unless something broke), the day's snapshots are
// taken, and what has run out is forgotten. Each project is a job of its own, so that one that fails holds up no other.
import { unanchoredProjects } from "#adapters/d1/anchors.ts";
import type { Database } from "#adapters/d1/database.ts";
import { overdueSchedules } from "#adapters/d1/due-schedules.ts";
import { laggingProjects, unsnappedProjects } from "#adapters/d1/read-side-upkeep.ts";
import type { Sessions } from "#adapters/d1/sessions.ts";
import type { Logger } from "#adapters/logger.ts";
import type { Job } from "#schema/jobs.ts";

/** What the clockwork needs of the world. */
export interface CronDeps {
  readonly db: Database;
  readonly enqueue: (jobs: readonly Job[]) => Promise<void>;
  readonly sessions: Pick<Sessions, "sweep">;
  readonly sweepThrottles: (before: number) => Promise<void>;
  readonly sweepReceipts: (before: number) => Promise<void>;
  readonly log: Logger;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** A schedule that is overdue by more has lost its timekeeper. */
const OVERDUE_MS = 5 * 60 * 1000;
/** A space is read within seconds; after so long, ms, nobody is reading it. */
const LAG_MS = 10 * 60 * 1000;
/** A sendBatch takes a hundred messages; ten of them a tick keep a large installation moving without waking it all at once. */
const PAGE = 100;
const MOST_A_TICK = 1000;

/** One tick. */
export const tick = async (deps: CronDeps, now: number): Promise<void> => {
  const neglected = await unanchoredProjects(deps.db, new Date(now - DAY_MS).toISOString(), MOST_A_TICK);
  const overdue = await overdueSchedules(deps.db, now - OVERDUE_MS, MOST_A_TICK);
  const lagging = await laggingProjects(deps.db, new Date(now - LAG_MS).toISOString(), MOST_A_TICK);
  const unsnapped = await unsnappedProjects(deps.db, new Date(now).toISOString().slice(0, 10), MOST_A_TICK);
  const jobs: Job[] = [
    ...overdue.map(
      ({ id, projectId, ownerId }) =>
        ({ kind: "schedule_due", project_id: projectId, owner_id: ownerId, schedule_id: id, replan: true }) as const,
    ),
    ...neglected.map((project) => ({ kind: "anchor_sweep", ...project }) as const),
    ...lagging.map((project) => ({ kind: "projection", ...project }) as const),
    ...unsnapped.map((project) => ({ kind: "snapshot", ...project }) as const),
  ];
  for (let start = 0; start < jobs.length; start += PAGE) await deps.enqueue(jobs.slice(start, start + PAGE));
  await deps.sessions.sweep(now);
  await deps.sweepThrottles(now - DAY_MS);
  await deps.sweepReceipts(now - DAY_MS);
  deps.log.info("tick", { count: jobs.length });
};
