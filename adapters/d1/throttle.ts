// Rate windows for callers nobody knows yet, in D1. The decision is one conditional upsert: of many calls at once, exactly
// as many are let in as there is room, because SQLite judges and counts in the same statement. A refused call writes nothing.
import type { RateRule, RateVerdict } from "#domain/auth/short-state.ts";
import { allowed, previousWeight, refused, slide, unlimited, windowStart } from "#domain/auth/sliding-window.ts";

// ?1 bucket, ?2 start of the window, ?3 its length in ms, ?4 weight of the window before, ?5 limit.
// A row ahead of ?2 was written by a worker with a faster clock: it counts as the current window, at full weight.
const TAKE = `
INSERT INTO throttles (bucket, window_start, hits, previous) VALUES (?1, ?2, 1, 0)
ON CONFLICT (bucket) DO UPDATE SET
  hits = CASE WHEN window_start >= ?2 THEN hits + 1 ELSE 1 END,
  previous = CASE WHEN window_start >= ?2 THEN previous WHEN window_start = ?2 - ?3 THEN hits ELSE 0 END,
  window_start = max(window_start, ?2)
WHERE CASE
  WHEN window_start > ?2 THEN previous + hits
  WHEN window_start = ?2 THEN CAST(previous * ?4 AS INTEGER) + hits
  WHEN window_start = ?2 - ?3 THEN CAST(hits * ?4 AS INTEGER)
  ELSE 0 END < ?5
RETURNING window_start AS start, hits, previous`;

// Read in the same batch, only to tell a refused caller when to come back.
const LOOK = "SELECT window_start AS start, hits, previous FROM throttles WHERE bucket = ?1";

interface Row {
  readonly start: number;
  readonly hits: number;
  readonly previous: number;
}

/** Takes one hit from a bucket, if there is room. Throws when D1 cannot be reached: the caller refuses. */
export const throttle = async (db: D1Database, bucket: string, rule: RateRule, now: number): Promise<RateVerdict> => {
  if (rule.limit === 0) return unlimited(rule);
  const name = `${rule.name}/${rule.windowSeconds}/${bucket}`;
  const start = windowStart(rule, now);
  const [taken, seen] = await db.batch<Row>([
    db.prepare(TAKE).bind(name, start, rule.windowSeconds * 1000, previousWeight(rule, now), rule.limit),
    db.prepare(LOOK).bind(name),
  ]);
  const mine = taken?.results[0];
  return mine === undefined ? refused(slide(seen?.results[0], rule, now), rule, now) : allowed(mine, rule, now);
};

/** Forgets windows begun before `before` (ms). For the cron: no window is longer than the day it is asked to keep. */
export const sweepThrottles = async (db: D1Database, before: number): Promise<void> => {
  await db.prepare("DELETE FROM throttles WHERE window_start < ?1").bind(before).run();
};
