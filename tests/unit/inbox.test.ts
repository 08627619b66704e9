// One inbox over many spaces: whatever the spaces' pages look like, paging through it shows every question once, newest first.
import fc from "fast-check";
import { expect, it } from "vitest";
import { mintId } from "#adapters/ids.ts";
import { mergeInbox } from "#domain/approvals/inbox.ts";
import { cursorAfter, keyOfCursor } from "#domain/paging.ts";
import type { Approval } from "#schema/api/approvals.ts";
import type { Page } from "#schema/api/common.ts";

const approval = (number: number): Approval => ({
  id: `appr_${String(number).padStart(26, "0")}` as Approval["id"],
  project_id: mintId("project"),
  session_id: null,
  run_id: null,
  kind: "external_write",
  status: "pending",
  tool: "external.write",
  tool_version: 1,
  arguments: {},
  arguments_hash: "",
  agent: null,
  reason_codes: [],
  requested_at: "",
  expires_at: "",
  decided_at: null,
  decided_by: null,
  note: null,
  title: null,
  requested_by: null,
  held_at: null,
});

/** A space's page: as many as are asked for, or fewer where what is asked is large. */
const pageOf = (own: readonly Approval[], cursor: string | null, limit: number, fits: number): Page<Approval> => {
  const key = keyOfCursor(cursor ?? undefined) ?? "appr_~";
  const left = own.filter(({ id }) => id < key);
  const items = left.slice(0, Math.min(limit, fits));
  const last = items.at(-1);
  return { items, next_cursor: left.length > items.length && last !== undefined ? cursorAfter(last.id) : null };
};

it("passes over nothing, also where a space's page ends before it is full", () => {
  const space = fc.record({
    numbers: fc.uniqueArray(fc.nat(200), { maxLength: 30 }),
    fits: fc.integer({ min: 1, max: 6 }),
  });
  fc.assert(
    fc.property(fc.array(space, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 8 }), (spaces, limit) => {
      const taken = new Set<number>();
      const owned = spaces.map(({ numbers, fits }) => {
        const own = numbers.filter((number) => !taken.has(number));
        for (const number of own) taken.add(number);
        return { own: own.sort((a, b) => b - a).map(approval), fits };
      });
      const shown: string[] = [];
      for (let cursor: string | null = null, more = true; more; ) {
        const merged: Page<Approval> = mergeInbox(
          owned.map(({ own, fits }) => pageOf(own, cursor, limit, fits)),
          limit,
        );
        expect(merged.items.length).toBeLessThanOrEqual(limit);
        shown.push(...merged.items.map(({ id }) => id));
        cursor = merged.next_cursor;
        more = cursor !== null;
      }
      const all = owned.flatMap(({ own }) => own.map(({ id }) => id));
      expect(shown).toEqual(all.sort().reverse());
    }),
  );
});
