// A chain of capabilities only ever narrows: in scopes, actions, time and length, and in whose name it acts.
import fc from "fast-check";
import { expect, it } from "vitest";
import { mintId } from "#adapters/ids.ts";
import { delegateCapability, grantCapability, LONGEST_CHAIN } from "#domain/auth/capability.ts";
import { ACTION_NAMES, INSIDE_ACTIONS } from "#domain/policy/actions.ts";
import type { DelegateCapabilityBody, GrantCapabilityBody } from "#schema/api/capabilities.ts";
import { keyOf } from "#schema/ids.ts";
import { ALL_SCOPES, GrantableScope } from "#schema/principal.ts";

const NOW = Date.parse("2026-11-21T12:00:00.000Z");
const PROJECT = mintId("project");
const KEY = keyOf(PROJECT);
const WISH: GrantCapabilityBody = {
  name: "engine",
  principal: "service:engine-1",
  scopes: ["read", "engine"],
  ttl_seconds: 3600,
};

const scopes = fc.subarray([...GrantableScope.options], { minLength: 1 });
const actions = fc.subarray([...ACTION_NAMES]);
const ttl = fc.integer({ min: 1, max: 10_000 });
const part: fc.Arbitrary<DelegateCapabilityBody> = fc.record(
  {
    name: fc.constant("part"),
    principal: fc.constantFrom("service:engine-1", "service:engine-1.a", "service:engine-1.a.b", "service:engine-2"),
    scopes,
    actions,
    ttl_seconds: ttl,
  },
  { requiredKeys: ["name"] },
);

it("passes on no more than it has, however often it is passed on", () => {
  const chain = fc.record({ scopes, actions, ttl_seconds: ttl, parts: fc.array(part, { maxLength: 8 }) });
  fc.assert(
    fc.property(chain, ({ parts, ...first }) => {
      const granted = grantCapability({ ...WISH, ...first }, ALL_SCOPES, KEY, NOW);
      if (!granted.ok) throw new Error("refused");
      let parent = granted.value;
      for (const wish of parts) {
        const passed = delegateCapability(parent, wish, NOW);
        if (!passed.ok) continue;
        const child = passed.value;
        expect(child.depth).toBe(parent.depth + 1);
        expect(child.depth).toBeLessThanOrEqual(LONGEST_CHAIN);
        expect(child.expiresAt).toBeLessThanOrEqual(parent.expiresAt);
        for (const scope of child.scopes) expect(parent.scopes).toContain(scope);
        for (const action of child.actions) expect(parent.actions).toContain(action);
        expect(`${child.principal}.`.startsWith(`${parent.principal}.`)).toBe(true);
        parent = child;
      }
    }),
    { numRuns: 1_000 },
  );
});

it("gives what stays inside the project when no action is named", () => {
  const granted = grantCapability(WISH, ALL_SCOPES, KEY, NOW);
  expect(granted).toMatchObject({ ok: true, value: { actions: INSIDE_ACTIONS, depth: 1, expiresAt: NOW + 3_600_000 } });
});

it("gives no scope its giver lacks, and no action that does not exist", () => {
  expect(grantCapability(WISH, ["read", "account"], KEY, NOW)).toMatchObject({
    ok: false,
    refusal: { code: "insufficient_scope" },
  });
  expect(grantCapability({ ...WISH, actions: ["files.wirte"] }, ALL_SCOPES, KEY, NOW)).toMatchObject({
    ok: false,
    refusal: { code: "invalid_request" },
  });
});

it("lets nobody act under a name of the house, or as an agent of another project", () => {
  const foreign = `agent:${mintId("agent", keyOf(mintId("project")))}`;
  for (const principal of [
    "service:policy",
    "service:space",
    "service:Policy",
    "service:space.worker",
    "agent:me",
    foreign,
  ])
    expect(grantCapability({ ...WISH, principal }, ALL_SCOPES, KEY, NOW)).toMatchObject({
      ok: false,
      refusal: { code: "invalid_request" },
    });
  const own = `agent:${mintId("agent", KEY)}`;
  expect(grantCapability({ ...WISH, principal: own }, ALL_SCOPES, KEY, NOW).ok).toBe(true);
});
