// What a capability may be: a person gives a part of what they have, in one project; whoever holds one passes on no more than
// they hold. So along a chain scopes, actions and time only shrink, and the name on the events only grows longer.
import type { DelegateCapabilityBody, GrantCapabilityBody } from "#schema/api/capabilities.ts";
import { isId, keyOf } from "#schema/ids.ts";
import type { CapabilityGrant, EventPrincipal, Scope } from "#schema/principal.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import { ACTION_NAMES, INSIDE_ACTIONS } from "../policy/actions.ts";

/** The longest chain: one that was granted, and four times passed on. */
export const LONGEST_CHAIN = 5;

// The house's own names: an engine that bore one would write events that look like the gate's.
const OWN_NAMES: ReadonlySet<string> = new Set([
  "space",
  "policy",
  "egress",
  "schedule",
  "schedules",
  "scheduler",
  "planner",
  "orchestrator",
  "meter",
  "system",
  "retinue",
]);

const principalProblem = (principal: EventPrincipal, projectKey: string): string | null => {
  const [kind = "", name = ""] = principal.split(":");
  if (kind === "agent")
    return isId("agent", name) && keyOf(name) === projectKey ? null : "agent:<id> must name an agent of this project";
  const [first = ""] = name.toLowerCase().split(".");
  return OWN_NAMES.has(first) ? `service:${first} is a name of the house` : null;
};

const unique = <T>(values: readonly T[]): T[] => [...new Set(values)];

const unknownAction = (actions: readonly string[]): string | undefined =>
  actions.find((action) => !ACTION_NAMES.includes(action));

/** A person gives a capability in their project; `held` are the scopes of the credential they give it with. */
export const grantCapability = (
  wish: GrantCapabilityBody,
  held: readonly Scope[],
  projectKey: string,
  now: number,
): Result<CapabilityGrant> => {
  const problem = principalProblem(wish.principal, projectKey);
  if (problem !== null) return refuse("invalid_request", problem);
  const beyond = wish.scopes.find((scope) => !held.includes(scope));
  if (beyond !== undefined) return refuse("insufficient_scope", `you do not have the scope "${beyond}" yourself`);
  const unknown = unknownAction(wish.actions ?? []);
  if (unknown !== undefined) return refuse("invalid_request", `there is no action "${unknown}"`);
  return ok({
    principal: wish.principal,
    scopes: unique(wish.scopes),
    actions: unique(wish.actions ?? INSIDE_ACTIONS),
    expiresAt: now + wish.ttl_seconds * 1000,
    depth: 1,
  });
};

/** The holder of a capability passes a part of it on. */
export const delegateCapability = (
  parent: CapabilityGrant,
  wish: DelegateCapabilityBody,
  now: number,
): Result<CapabilityGrant> => {
  if (parent.depth >= LONGEST_CHAIN)
    return refuse("quota_exceeded", `a capability is passed on at most ${LONGEST_CHAIN - 1} times`);
  const principal = wish.principal ?? parent.principal;
  if (principal !== parent.principal && !principal.startsWith(`${parent.principal}.`))
    return refuse("insufficient_scope", `principal must be ${parent.principal} or begin with ${parent.principal}.`);
  const scopes = wish.scopes ?? parent.scopes;
  const beyond = scopes.find((scope) => !parent.scopes.includes(scope));
  if (beyond !== undefined) return refuse("insufficient_scope", `this capability has no scope "${beyond}"`);
  const actions = wish.actions ?? parent.actions;
  const action = actions.find((one) => !parent.actions.includes(one));
  if (action !== undefined) return refuse("insufficient_scope", `this capability has no action "${action}"`);
  const wanted = wish.ttl_seconds === undefined ? parent.expiresAt : now + wish.ttl_seconds * 1000;
  return ok({
    principal,
    scopes: unique(scopes),
    actions: unique(actions),
    expiresAt: Math.min(parent.expiresAt, wanted),
    depth: parent.depth + 1,
  });
};
