// The lease of a run: claimed, kept alive, given back, run out. Only the holder of the newest lease, in time, may act; anyone
// who comes with an older token learns so, whatever it has done meanwhile. A lost lease is bounded: after so many the run fails.
import type { EventPrincipal } from "#schema/principal.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { RunRow } from "#schema/space/read-models.ts";
import type { LeaseRow } from "#schema/space/work.ts";
import type { Acting } from "../events/acting.ts";
import { fact } from "../events/facts.ts";
import { runIdOf } from "../events/ids.ts";
import type { Decision, Given } from "../runs/work.ts";
import { CLOCK, contextOf, ENGINE_LIMITS, hasEnded, placeOf } from "./external-run.ts";
import { closeWork, type OpenWork } from "./open-work.ts";

/** What somebody shows to prove that a lease is theirs. */
export interface Shown {
  readonly tokenHash: string;
  /** Checked when it is given: a caller that keeps its fence can tell an old process of its own apart. */
  readonly fence: number | null;
  readonly principal: EventPrincipal;
}

/** Compares two hashes in a time that depends on neither's content. */
export const sameHash = (a: string, b: string): boolean => {
  let different = a.length ^ b.length;
  for (let i = 0; i < b.length; i += 1) different |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return different === 0;
};

/** True when what is shown belongs to this lease, held or not. */
export const belongsTo = (lease: LeaseRow | null, shown: Shown): lease is LeaseRow =>
  lease !== null &&
  sameHash(shown.tokenHash, lease.tokenHash) &&
  shown.principal === lease.principal &&
  (shown.fence === null || shown.fence === lease.fence);

/** The lease under which somebody acts; refused unless it is theirs, still held, and in time. */
export const underLease = (run: RunRow, lease: LeaseRow | null, shown: Shown, now: number): Result<LeaseRow> => {
  const stale = (why: string) => refuse("stale_lease", why, { run_status: run.status });
  if (hasEnded(run)) return stale(`the run is ${run.status}`);
  if (!belongsTo(lease, shown)) return stale("the token is not that of the run's newest lease");
  if (lease.state !== "held") return stale("the lease was given back");
  if (lease.expiresAt <= now) return stale("the lease ran out");
  return ok(lease);
};

/** An engine takes a run that nobody holds. */
export const claimRun = (
  run: RunRow,
  last: LeaseRow | null,
  claim: { readonly engine: string; readonly ttlMs: number; readonly tokenHash: string },
  actor: Acting,
  given: Given,
): Result<{ readonly lease: LeaseRow; readonly decision: Decision }> => {
  if (hasEnded(run)) return refuse("not_claimable", `the run is ${run.status}`);
  if (last?.state === "held" && last.expiresAt > given.now) return refuse("not_claimable", "an engine holds this run");
  const lease: LeaseRow = {
    runId: run.id,
    engine: claim.engine,
    principal: actor.principal,
    tokenHash: claim.tokenHash,
    fence: (last?.fence ?? 0) + 1,
    expiresAt: given.now + claim.ttlMs,
    state: "held",
    attempts: last?.attempts ?? 0,
  };
  const claimed = fact(
    "run.claimed",
    {
      run_id: runIdOf(run.id),
      engine: lease.engine,
      fence: lease.fence,
      ttl_seconds: Math.round(claim.ttlMs / 1000),
      expires_at: new Date(lease.expiresAt).toISOString(),
    },
    placeOf(run),
    contextOf(run, actor),
  );
  return ok({ lease, decision: { facts: [claimed], work: [{ kind: "lease.put", lease }] } });
};

/** The holder is alive. No fact: that it was heard of again is not history. A lease never gets shorter by it. */
export const extendLease = (lease: LeaseRow, ttlMs: number, now: number): LeaseRow => ({
  ...lease,
  expiresAt: Math.max(lease.expiresAt, now + ttlMs),
});

const idsOf = (run: RunRow, lease: LeaseRow) => ({
  run_id: runIdOf(run.id),
  engine: lease.engine,
  fence: lease.fence,
});

/** The holder gives the run back. That costs no attempt: an engine that stops in order has failed at nothing. */
export const releaseLease = (
  run: RunRow,
  lease: LeaseRow,
  open: OpenWork,
  reason: string | null,
  actor: Acting,
): Decision => ({
  facts: [
    ...closeWork(run, open, "returned", actor),
    fact("run.lease_released", { ...idsOf(run, lease), reason }, placeOf(run), contextOf(run, actor)),
  ],
  work: [{ kind: "lease.put", lease: { ...lease, state: "returned" } }],
});

/** A claim that came to nothing: back to the queue, or, after too many, the end of the run. */
const attemptLost = (
  run: RunRow,
  lease: LeaseRow,
  open: OpenWork,
  lost: Decision["facts"][number],
  error: { readonly code: string; readonly message: string },
  actor: Acting,
  given: Given,
): Decision => {
  const attempts = lease.attempts + 1;
  const over = attempts >= ENGINE_LIMITS.attempts;
  const ended = fact(
    "external_run.failed",
    { run_id: runIdOf(run.id), error: { ...error }, duration_ms: given.now - Date.parse(run.createdAt) },
    placeOf(run),
    contextOf(run, actor),
  );
  return {
    facts: [...closeWork(run, open, over ? "failed" : "returned", actor), lost, ...(over ? [ended] : [])],
    work: [{ kind: "lease.put", lease: { ...lease, state: over ? "ended" : "returned", attempts } }],
  };
};

/** The holder was not heard of in time. */
export const expireLease = (run: RunRow, lease: LeaseRow, open: OpenWork, given: Given): Decision =>
  attemptLost(
    run,
    lease,
    open,
    fact("run.lease_expired", idsOf(run, lease), placeOf(run), contextOf(run, CLOCK)),
    { code: "lease_expired", message: `${ENGINE_LIMITS.attempts} claims of this run ended without an outcome` },
    CLOCK,
    given,
  );

/** The holder could not do it and asks that it be tried again. */
export const failAttempt = (
  run: RunRow,
  lease: LeaseRow,
  open: OpenWork,
  error: { readonly code: string; readonly message: string },
  actor: Acting,
  given: Given,
): Decision =>
  attemptLost(
    run,
    lease,
    open,
    fact("run.attempt_failed", { ...idsOf(run, lease), error: { ...error } }, placeOf(run), contextOf(run, actor)),
    error,
    actor,
    given,
  );
