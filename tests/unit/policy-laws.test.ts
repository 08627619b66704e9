// The laws of the gate, over every action and everything the gate can be told about an asker and a place.
import fc from "fast-check";
import { expect, it } from "vitest";
import { ACTION_NAMES, actionNamed, INSIDE_ACTIONS } from "#domain/policy/actions.ts";
import { evaluatePolicy, type PolicyAction, type PolicyContext, type PolicyDecision } from "#domain/policy/evaluate.ts";

const ZONES = ["sandbox", "supervised", "high_stakes"] as const;
const FREEDOM: Readonly<Record<PolicyDecision, number>> = { deny: 0, require_approval: 1, allow: 2 };
const TOOL = "some_tool";

const known = fc.constantFrom(...ACTION_NAMES);
const action: fc.Arbitrary<PolicyAction> = fc.record({
  name: fc.oneof({ weight: 4, arbitrary: known }, fc.string(), fc.constantFrom("constructor", "__proto__", "toString")),
  tool: fc.constantFrom(null, undefined, TOOL, "other_tool"),
});
const context: fc.Arbitrary<PolicyContext> = fc.record({
  principal: fc.constantFrom("user", "agent", "service"),
  zone: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...ZONES) }, fc.string()),
  capabilities: fc.oneof(
    fc.constant("all" as const),
    fc.subarray([...ACTION_NAMES, TOOL, "nothing.known"]),
    fc.constant([]),
  ),
  alwaysAsk: fc.boolean(),
  hostAllowed: fc.boolean(),
  killSwitch: fc.record({ externalWrite: fc.boolean() }),
  tainted: fc.boolean(),
  approved: fc.boolean(),
});
const freedom = (asked: PolicyAction, given: PolicyContext): number => FREEDOM[evaluatePolicy(asked, given).decision];
const holds = (law: (asked: PolicyAction, given: PolicyContext) => void): void => {
  fc.assert(fc.property(action, context, law), { numRuns: 3_000 });
};

it("is never more permissive in a more dangerous zone", () => {
  holds((asked, given) => {
    const [sandbox, supervised, highStakes] = ZONES.map((zone) => freedom(asked, { ...given, zone }));
    expect(sandbox).toBeGreaterThanOrEqual(supervised ?? 0);
    expect(supervised).toBeGreaterThanOrEqual(highStakes ?? 0);
  });
});

it("never permits more with the kill switch on, and no write outside at all", () => {
  holds((asked, given) => {
    const on = { ...given, killSwitch: { externalWrite: true } };
    expect(freedom(asked, on)).toBeLessThanOrEqual(freedom(asked, { ...given, killSwitch: { externalWrite: false } }));
    const rule = actionNamed(asked.name);
    if (rule?.external === true && rule.effect === "write") expect(freedom(asked, on)).toBe(FREEDOM.deny);
  });
});

it("never permits more to what a tool may have brought in, and nothing of it without a person", () => {
  holds((asked, given) => {
    const tainted = freedom(asked, { ...given, tainted: true });
    expect(tainted).toBeLessThanOrEqual(freedom(asked, { ...given, tainted: false }));
    if (!given.approved) expect(tainted).toBeLessThan(FREEDOM.allow);
  });
});

it("denies unknown actions and zones, whoever asks and whoever approved", () => {
  holds((asked, given) => {
    if (actionNamed(asked.name) === null || !ZONES.some((zone) => zone === given.zone))
      expect(freedom(asked, given)).toBe(FREEDOM.deny);
  });
});

it("turns no denial into a permission by an approval, and no permission into a question", () => {
  holds((asked, given) => {
    const before = freedom(asked, { ...given, approved: false });
    const after = freedom(asked, { ...given, approved: true });
    expect(after).toBe(before === FREEDOM.require_approval ? FREEDOM.allow : before);
  });
});

it("never allows what was not granted", () => {
  holds((asked, given) => {
    const without = { ...given, capabilities: [] };
    expect(freedom(asked, without)).toBe(FREEDOM.deny);
    expect(freedom(asked, given)).toBeLessThanOrEqual(freedom(asked, { ...given, capabilities: "all" }));
  });
});

it("never lets an agent or a program do what only a person may, and always says why", () => {
  holds((asked, given) => {
    const verdict = evaluatePolicy(asked, given);
    expect(verdict.reason_codes.length).toBeGreaterThan(0);
    expect(freedom(asked, { ...given, principal: "agent" })).toBeLessThanOrEqual(
      freedom(asked, { ...given, principal: "user" }),
    );
    const rule = actionNamed(asked.name);
    if (given.zone === "high_stakes" && given.principal !== "user" && rule?.external === true && !rule.reversible)
      expect(verdict.decision).toBe("deny");
  });
});

it("asks about a host that is not allowed, in every zone", () => {
  for (const zone of ZONES) {
    const given: PolicyContext = {
      principal: "agent",
      zone,
      capabilities: ["web_fetch"],
      alwaysAsk: false,
      hostAllowed: false,
      killSwitch: { externalWrite: false },
      approved: false,
    };
    const asked = { name: "web.read", tool: "web_fetch" };
    const verdict = evaluatePolicy(asked, given);
    expect(verdict.decision).toBe("require_approval");
    expect(verdict.reason_codes).toContain("new_host");
    if (zone !== "high_stakes")
      expect(evaluatePolicy(asked, { ...given, hostAllowed: true }).reason_codes).toEqual([
        "reads_web",
        "host_allowed",
      ]);
  }
});

it("keeps every action that leaves the space out of what is granted by default", () => {
  expect(INSIDE_ACTIONS).toContain("message.post");
  for (const name of INSIDE_ACTIONS) expect(actionNamed(name)?.external).toBe(false);
  expect(INSIDE_ACTIONS).not.toContain("external.write");
});
