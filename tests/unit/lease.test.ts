// Who may act under a lease: its holder, with its token, in time, and nobody else. Decided without a clock of its own.
import { expect, it } from "vitest";
import { belongsTo, extendLease, sameHash, underLease } from "#domain/engines/lease.ts";
import type { RunRow } from "#schema/space/read-models.ts";
import type { LeaseRow } from "#schema/space/work.ts";

const lease: LeaseRow = {
  runId: "run_1",
  engine: "e1",
  principal: "service:e1",
  tokenHash: "a".repeat(64),
  fence: 3,
  expiresAt: 1_000,
  state: "held",
  attempts: 0,
};
const shown = { tokenHash: lease.tokenHash, fence: null, principal: lease.principal };
const run = { endedAt: null, status: "running" } as RunRow;
const stale = { ok: false, refusal: { code: "stale_lease", extra: { run_status: "running" } } };

it("lets the holder act until the lease ends, and not in that instant", () => {
  expect(underLease(run, lease, shown, 999)).toEqual({ ok: true, value: lease });
  expect(underLease(run, lease, { ...shown, fence: 3 }, 999).ok).toBe(true);
  expect(underLease(run, lease, shown, 1_000)).toMatchObject(stale);
});

it.each([
  ["another token", lease, { ...shown, tokenHash: "b".repeat(64) }],
  ["half a token", lease, { ...shown, tokenHash: "a".repeat(32) }],
  ["an older fence", lease, { ...shown, fence: 2 }],
  ["another principal", lease, { ...shown, principal: "service:e2" }],
  ["a lease that was given back", { ...lease, state: "returned" as const }, shown],
  ["a run nobody ever claimed", null, shown],
])("refuses %s", (_, found, proof) => {
  expect(underLease(run, found, proof, 0)).toMatchObject(stale);
});

it("refuses everything once the run has ended, and still knows whose lease it was", () => {
  const ended = { ...run, endedAt: "2026-11-21T08:00:00.000Z", status: "completed" } as RunRow;
  const last = { ...lease, state: "ended" as const };
  expect(underLease(ended, last, shown, 0)).toMatchObject({
    ok: false,
    refusal: { code: "stale_lease", extra: { run_status: "completed" } },
  });
  expect(belongsTo(last, shown)).toBe(true);
});

it("never makes a lease shorter by a heartbeat", () => {
  expect(extendLease(lease, 600, 100).expiresAt).toBe(1_000);
  expect(extendLease(lease, 600, 900).expiresAt).toBe(1_500);
});

it("finds hashes the same only when every character is", () => {
  expect(sameHash("abc", "abc")).toBe(true);
  for (const other of ["abd", "bbc", "ab", "abcd", ""]) expect(sameHash("abc", other)).toBe(false);
});
