// Approvals that are about no tool call, told as stories: asked for, answered, held, expired; to the second.
import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { mintId } from "#adapters/ids.ts";
import { holdApproval } from "#domain/approvals/hold.ts";
import { type ApprovalWish, decideRequested, expireRequested, requestApproval } from "#domain/approvals/requested.ts";
import type { Acting } from "#domain/events/acting.ts";
import type { PolicyGround } from "#domain/policy/tool-call.ts";
import type { Given } from "#domain/runs/work.ts";
import type { ApprovalRow } from "#schema/space/read-models.ts";

const START = Date.parse("2026-11-21T12:00:00.000Z");
const ADA: Acting = { principal: "user:usr_ada", onBehalfOf: null };
const ENGINE: Acting = { principal: "service:engine-1", onBehalfOf: "user:usr_ada" };
const GROUND: PolicyGround = { zone: "supervised", externalWriteStopped: false };
const WISH: ApprovalWish = {
  kind: "external_write",
  action: "external.write",
  title: "Send the newsletter",
  arguments: { to: "list@example.com" },
  roomId: null,
  runId: null,
  timeoutMs: 300_000,
  idempotencyKey: null,
};

const at = (seconds: number): Given => ({
  now: START + seconds * 1000,
  newId: mintId,
  hash: (value) => createHash("sha256").update(JSON.stringify(value)).digest("hex"),
});

const row = (changes: Partial<ApprovalRow> = {}): ApprovalRow => ({
  id: mintId("approval"),
  kind: "external_write",
  status: "pending",
  toolCallId: null,
  roomId: null,
  runId: null,
  agentId: null,
  agentName: null,
  tool: "external.write",
  toolVersion: 1,
  arguments: WISH.arguments,
  argumentsHash: "the-hash",
  reasonCodes: ["writes_outside"],
  requestedAt: new Date(START).toISOString(),
  expiresAt: new Date(START + 300_000).toISOString(),
  decidedAt: null,
  decidedBy: null,
  note: null,
  title: WISH.title,
  requestedBy: ENGINE.principal,
  heldAt: null,
  ...changes,
});

const APPROVE = { decision: "approve" } as const;

it("asks a person, says who asked, and gives them 300 seconds", () => {
  const asked = requestApproval(WISH, ENGINE, ["external.write"], GROUND, at(0));
  if (!asked.ok) throw new Error("refused");
  expect(asked.value.decision.facts).toMatchObject([
    {
      type: "approval.requested",
      data: {
        kind: "external_write",
        tool: "external.write",
        title: "Send the newsletter",
        requested_by: "service:engine-1",
        expires_at: "2026-11-21T12:05:00.000Z",
      },
      context: { principal: "service:engine-1", onBehalfOf: "user:usr_ada" },
    },
  ]);
});

it("does not bother a person with what policy denies anyway", () => {
  const refusals = [
    requestApproval(WISH, ENGINE, ["message.post"], GROUND, at(0)),
    requestApproval({ ...WISH, action: "no.such" }, ENGINE, "all", GROUND, at(0)),
    requestApproval(WISH, ENGINE, "all", { ...GROUND, externalWriteStopped: true }, at(0)),
    requestApproval(WISH, ENGINE, "all", { ...GROUND, zone: "high_stakes" }, at(0)),
  ];
  for (const refused of refusals) expect(refused).toMatchObject({ ok: false, refusal: { code: "policy_denied" } });
  expect(requestApproval({ ...WISH, kind: "proposal", action: "skill.add" }, ENGINE, [], GROUND, at(0)).ok).toBe(true);
});

it("takes a yes at 299 seconds, and none at 300 or 301", () => {
  const decide = (seconds: number) => decideRequested(row(), APPROVE, ADA, GROUND, at(seconds));
  expect(decide(299)).toMatchObject({ ok: true, value: { facts: [{ type: "approval.approved" }] } });
  for (const late of [300, 301])
    expect(decide(late)).toMatchObject({ ok: false, refusal: { code: "already_decided" } });
});

it("binds a yes to what was seen, and an edited one to what it was edited to", () => {
  const wrong = decideRequested(row(), { ...APPROVE, arguments_hash: "another" }, ADA, GROUND, at(1));
  expect(wrong).toMatchObject({ ok: false, refusal: { code: "version_conflict" } });
  const edited = { to: "me@example.com" };
  const decided = decideRequested(row(), { ...APPROVE, arguments: edited }, ADA, GROUND, at(1));
  if (!decided.ok) throw new Error("refused");
  expect(decided.value.facts).toMatchObject([{ data: { arguments: edited } }]);
  expect(decided.value.facts[0]?.data).not.toMatchObject({ arguments_hash: "the-hash" });
});

it("gives no yes that the kill switch or a dangerous zone would void, and leaves the question open", () => {
  for (const ground of [
    { ...GROUND, externalWriteStopped: true },
    { ...GROUND, zone: "high_stakes" },
  ]) {
    expect(decideRequested(row(), APPROVE, ADA, ground, at(1))).toMatchObject({
      ok: false,
      refusal: { code: "policy_denied" },
    });
    expect(decideRequested(row(), { decision: "reject" }, ADA, ground, at(1)).ok).toBe(true);
  }
});

it("moves a deadline once, by no more than a day, and only while the question is open", () => {
  const hold = { decision: "hold" } as const;
  const until = (seconds?: number) => {
    const held = holdApproval(row(), { ...hold, hold_seconds: seconds }, ADA, at(10));
    return held.ok ? held.value.facts[0]?.data : held.refusal;
  };
  expect(until(60)).toMatchObject({ until: "2026-11-21T12:06:00.000Z" });
  expect(until()).toMatchObject({ until: "2026-11-22T12:05:00.000Z" });
  expect(until(10 ** 9)).toMatchObject({ until: "2026-11-22T12:05:00.000Z" });
  const again = holdApproval(row({ heldAt: new Date(START).toISOString() }), hold, ADA, at(10));
  expect(again).toMatchObject({ ok: false, refusal: { code: "already_held" } });
  for (const closed of [
    holdApproval(row(), hold, ADA, at(300)),
    holdApproval(row({ status: "approved" }), hold, ADA, at(1)),
  ])
    expect(closed).toMatchObject({ ok: false, refusal: { code: "already_decided" } });
});

it("makes silence a no", () => {
  const rows = [row(), row({ kind: "proposal" })];
  expect(expireRequested(rows).facts.map(({ type }) => type)).toEqual(["approval.expired", "approval.expired"]);
});
