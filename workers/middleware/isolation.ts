// The only place that mints a UserScope and an OwnedProject. A project is the caller's own when its key is in the caller's
// directory; every other id, foreign or never minted, gets one and the same refusal, which is counted and logged.
import type { Context } from "hono";
import { z } from "zod";
import type { Directory } from "#adapters/d1/accounts.ts";
import { agentsOf } from "#adapters/d1/agents.ts";
import { apiKeysOf } from "#adapters/d1/api-keys.ts";
import { capabilitiesOf } from "#adapters/d1/capabilities.ts";
import { orchestratorOf } from "#adapters/d1/orchestrators.ts";
import { projectsOf } from "#adapters/d1/projects.ts";
import { schedulesOf } from "#adapters/d1/schedules.ts";
import { statsOf } from "#adapters/d1/stats.ts";
import { usageOf } from "#adapters/d1/usage.ts";
import { errorFields } from "#adapters/logger.ts";
import type { CacheSlot, UserShortState } from "#domain/auth/short-state.ts";
import { contextRef } from "#domain/context/ref.ts";
import { AgentRecord } from "#schema/api/agents.ts";
import { Orchestrator } from "#schema/api/orchestrator.ts";
import { isId, keyOf, parseAgentHandle } from "#schema/ids.ts";
import type { OwnedProject, Principal, SpaceCaller, UserScope } from "#schema/principal.ts";
import type { AppEnv } from "../context.ts";
import { Copies } from "../copies.ts";
import { refuseRequest } from "../errors.ts";
import type { ReachedSpace, RequestScope } from "../request-scope.ts";

/** Where the directory is cached; seconds it and the copies below are kept. */
export const DIRECTORY = "directory";
export const CACHE_SECONDS = 300;
/** The cached roster of a project. */
export const rosterKey = (projectKey: string): string => `roster:${projectKey}`;
/** The cached orchestrator of a project. */
export const orchestratorKey = (projectKey: string): string => `orchestrator:${projectKey}`;
const LARGEST_CACHED = 500_000;

const rosters = new Copies(z.array(AgentRecord));
const orchestrators = new Copies(Orchestrator);

/** What a scope is minted from, all of it proven or read from the database. */
export interface ScopeParts {
  readonly principal: Principal;
  readonly directory: Directory;
  readonly shortState: UserShortState;
  readonly cache: Readonly<Record<string, CacheSlot>>;
}

const mintUser = (principal: Principal): UserScope =>
  ({ userId: principal.userId, userKey: keyOf(principal.userId), principal }) as unknown as UserScope;

/** Who acts when it is not the user in person, and what they may do: it stands on the events, and the space holds them to it. */
const actorOf = ({ via }: Principal): Pick<SpaceCaller, "actor" | "actions"> =>
  via.kind === "capability" ? { actor: via.grant.principal, actions: via.grant.actions } : {};

const mintProject = (scope: UserScope, entry: Directory["projects"][number]): OwnedProject =>
  ({ ...entry, ownerId: scope.userId }) as unknown as OwnedProject;

// Everything else is the account's, or other projects'. A door that is not listed here is shut to capabilities until it is.
const INSIDE_A_PROJECT =
  /^\/(?:v1\/|my\/(?:chat|agents|approvals)(?:\/|$)|my\/projects\/proj_[0-9A-Z]{26}\/(?:agents|events|space|orchestrator)(?:\/|$))/;

/** True when a caller so proven may knock at this path at all. */
export const isOpenTo = ({ via }: Principal, path: string): boolean =>
  via.kind !== "capability" || INSIDE_A_PROJECT.test(path);

// A capability has one project, which is its default: the others are as foreign to it as anybody else's.
const projectsFor = ({ via }: Principal, { projects }: Directory): Directory["projects"] =>
  via.kind === "capability"
    ? projects.filter(({ id }) => id === via.projectId).map((project) => ({ ...project, isDefault: true }))
    : projects;

/** Mints the scope of a request. */
export const mintScope = (
  c: Context<AppEnv>,
  { principal, directory, shortState, cache }: ScopeParts,
): RequestScope => {
  const { db, space, budget, spend, embedding, memory, log, accounts, now } = c.var.services;
  const user = mintUser(principal);
  const owned = projectsFor(principal, directory).map((entry) => mintProject(user, entry));

  const violation = (key: string): never => {
    log.warn("isolation_violation", { request_id: c.var.requestId, user_id: user.userId, project_key: key });
    c.executionCtx.waitUntil(accounts.countViolation(user, now()));
    return refuseRequest("isolation_violation");
  };

  const keyIn = (id: string): string => {
    const handle = parseAgentHandle(id);
    if (handle !== null) return handle.userKey === user.userKey ? handle.projectKey : violation(handle.projectKey);
    return keyOf(id);
  };

  const projectOf = (id: string): OwnedProject => {
    const key = keyIn(id);
    return owned.find((project) => project.key === key) ?? violation(key);
  };

  // What spans all of the user's projects is not for a caller that was let into one, whichever door asks.
  const ofAccount = <T>(open: () => T): T =>
    principal.via.kind === "capability" ? refuseRequest("insufficient_scope", "this is the account's") : open();

  const reach = (project: OwnedProject): ReachedSpace => ({
    project,
    space: space(project),
    caller: { user_id: user.userId, project_id: project.id, ...actorOf(principal) },
  });

  const tell: RequestScope["tell"] = async (project, telling) => {
    await telling(reach(project)).catch((error: unknown) => {
      log.error("space_not_told", { request_id: c.var.requestId, project_id: project.id, ...errorFields(error) });
    });
  };

  const cached = async <T>(name: string, copies: Copies<T>, read: () => Promise<T>): Promise<T> => {
    const slot = cache[name];
    if (typeof slot?.value === "string") return copies.of(slot.value);
    const fresh = await read();
    const text = JSON.stringify(fresh);
    if (slot !== undefined && text.length <= LARGEST_CACHED) {
      c.executionCtx.waitUntil(shortState.cachePut(name, slot.generation, text, CACHE_SECONDS));
    }
    return fresh;
  };

  const orchestrator: RequestScope["orchestrator"] = (project) =>
    cached(orchestratorKey(project.key), orchestrators, () => orchestratorOf(db, user, project).get());

  return {
    user,
    shortState,
    owned,
    get projects() {
      return ofAccount(() => projectsOf(db, user));
    },
    get apiKeys() {
      return ofAccount(() => apiKeysOf(db, user));
    },
    get usage() {
      return ofAccount(() => usageOf(db, user));
    },
    get stats() {
      return ofAccount(() => statsOf(db, user));
    },
    get schedules() {
      return ofAccount(() => schedulesOf(db, user));
    },
    get budget() {
      return ofAccount(() => budget(user));
    },
    memory: (passphrase) => ofAccount(() => memory(user, passphrase)),
    projectOf,
    reach,
    at: (id) => reach(projectOf(id)),
    agents: (project) => agentsOf(db, user, project),
    capabilities: (project) => capabilitiesOf(db, user, project),
    orchestrators: (project) => orchestratorOf(db, user, project),
    contextOf: (project, { id, name }) =>
      contextRef({ userId: user.userId, projectId: project.id, agentId: id, name }, embedding.model),
    spendIn: (project) => ({
      meter: () => spend(user),
      alert: (alerts) =>
        void c.executionCtx.waitUntil(tell(project, ({ space, caller }) => space.modelUsed(caller, null, alerts))),
      keepAlive: (work) => c.executionCtx.waitUntil(work),
    }),

    project(id) {
      const found = owned.find((project) => (id === undefined || id === null ? project.isDefault : project.id === id));
      return found ?? violation(id === undefined || id === null ? "default" : keyOf(id));
    },

    tell,

    roster: (project) => cached(rosterKey(project.key), rosters, () => agentsOf(db, user, project).roster()),
    orchestrator,
    monthlyLimitUsd: async (project) => (await orchestrator(project)).limits.monthly_budget_usd,

    async forget(...keys) {
      await shortState.cacheInvalidate(keys).catch((error: unknown) => {
        log.error("cache_not_invalidated", {
          request_id: c.var.requestId,
          user_id: user.userId,
          ...errorFields(error),
        });
      });
    },
  };
};

/** What a path's handler will want from the cache: where work is given out, the project's agents and its orchestrator. */
export const copiesWantedBy = (path: string): readonly string[] => {
  const session = /^\/my\/chat\/(room_[0-9A-Z]{26})\/message\/?$/.exec(path)?.[1];
  const project = /^\/my\/projects\/(proj_[0-9A-Z]{26})\/orchestrator\/plan\/?$/.exec(path)?.[1];
  const id = session ?? project;
  if (id === undefined || !(isId("room", id) || isId("project", id))) return [];
  return [rosterKey(keyOf(id)), orchestratorKey(keyOf(id))];
};
