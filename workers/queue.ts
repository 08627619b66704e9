// What the queue brings. Messages come at least once and each is answered for on its own: done ones are acknowledged, failed
// ones wait longer each time, and what failed for good is written down from the dead-letter queue.
import { type Anchor, keepAnchor, newestAnchor } from "#adapters/d1/anchors.ts";
import type { Database } from "#adapters/d1/database.ts";
import { keepSnapshot } from "#adapters/d1/read-side-upkeep.ts";
import { errorFields, type Logger } from "#adapters/logger.ts";
import { type PerformDeps, performSchedule } from "#domain/schedules/perform.ts";
import type { LogHead } from "#schema/api/events.ts";
import type { SpaceStatus } from "#schema/api/projects.ts";
import { Job, type Task } from "#schema/jobs.ts";
import type { Result } from "#schema/result.ts";
import { type ClearDeps, clearContexts } from "./clear-contexts.ts";
import { catchUp, type ReadSideDeps } from "./read-side.ts";

/** A project and its owner. */
export type Whose = Pick<Job, "project_id" | "owner_id">;

/** What the consumer needs of the world. */
export interface QueueDeps extends ReadSideDeps {
  readonly db: Database;
  readonly blobs: R2Bucket;
  readonly log: Logger;
  readonly enqueue: (jobs: readonly Job[]) => Promise<void>;
  /** The head of a space's log, asked of the space itself. */
  readonly headOf: (project: Whose) => Promise<Result<LogHead>>;
  /** The hash of one event, asked of the space itself; null when its log ends before it. */
  readonly hashAt: (project: Whose, seq: number) => Promise<Result<string | null>>;
  readonly schedules: PerformDeps;
  readonly gone: ClearDeps;
  /** Tells a space that what was appointed was done. */
  readonly confirm: (appointment: Extract<Job, { kind: "appointment" }>) => Promise<Result<unknown>>;
  /** How a space stands, asked of the space itself. */
  readonly statusOf: (project: Whose) => Promise<Result<SpaceStatus>>;
  readonly now: () => number;
}

const DEAD_LETTERS = "retinue-jobs-dead";
const LONGEST_DELAY_SECONDS = 600;

/**
 * Moves the anchor forward. The log must still hold what was anchored before: a newer head of a log that was cut short or
 * rewritten, and has grown since, would otherwise take the proof away.
 */
const keep = async (deps: QueueDeps, whose: Whose, anchor: Anchor): Promise<void> => {
  const { project_id } = whose;
  const known = await newestAnchor(deps.db, project_id);
  if (known !== null && known.seq > 0 && known.seq < anchor.seq) {
    const held = await deps.hashAt(whose, known.seq);
    if (!held.ok) throw new Error(`the space refused: ${held.refusal.code}`);
    if (held.value !== known.hash) return deps.log.error("anchor_conflict", { project_id, seq: known.seq });
  }
  const outcome = await keepAnchor(deps.db, deps.blobs, project_id, anchor);
  if (outcome === "conflict") deps.log.error("anchor_conflict", { project_id, seq: anchor.seq });
};

/** Performs a task. Harmless when repeated. */
export const perform = async (deps: QueueDeps, job: Task): Promise<void> => {
  switch (job.kind) {
    case "anchor": {
      const { seq, hash, at } = job;
      return keep(deps, job, { seq, hash, at });
    }
    case "anchor_sweep": {
      const head = await deps.headOf(job);
      if (!head.ok) throw new Error(`the space refused: ${head.refusal.code}`);
      const { seq, hash } = head.value;
      return keep(deps, job, { seq, hash, at: new Date(deps.now()).toISOString() });
    }
    case "projection": {
      const { kind, project_id, owner_id } = job;
      if (!(await catchUp(deps, job))) await deps.enqueue([{ kind, project_id, owner_id }]);
      return;
    }
    case "snapshot": {
      const status = await deps.statusOf(job);
      if (!status.ok) throw new Error(`the space refused: ${status.refusal.code}`);
      return keepSnapshot(deps.db, job, status.value, deps.now());
    }
    case "context_clear":
      return clearContexts(deps.gone, job);
    case "schedule_due": {
      const { schedule_id: id, project_id: projectId, owner_id: ownerId, replan } = job;
      return performSchedule(deps.schedules, { id, projectId, ownerId }, replan);
    }
  }
};

const performJob = async (deps: QueueDeps, job: Job): Promise<void> => {
  if (job.kind !== "appointment") return perform(deps, job);
  await perform(deps, job.task);
  const confirmed = await deps.confirm(job);
  if (!confirmed.ok) throw new Error(`the space refused: ${confirmed.refusal.code}`);
};

/** Performs a batch. */
export const consume = async (batch: MessageBatch, deps: QueueDeps): Promise<void> => {
  for (const message of batch.messages) {
    const job = Job.safeParse(message.body);
    const about = job.success ? { job: job.data.kind, project_id: job.data.project_id } : { job: "unknown" };
    if (batch.queue === DEAD_LETTERS || !job.success) {
      deps.log.error("job_given_up", { ...about, attempts: message.attempts });
      message.ack();
      continue;
    }
    try {
      await performJob(deps, job.data);
      message.ack();
    } catch (error) {
      deps.log.warn("job_failed", { ...about, attempts: message.attempts, ...errorFields(error) });
      message.retry({ delaySeconds: Math.min(LONGEST_DELAY_SECONDS, 5 * 2 ** (message.attempts - 1)) });
    }
  }
};
