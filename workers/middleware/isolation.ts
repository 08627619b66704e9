// The only place that mints a UserScope and an OwnedProject. A project is the caller's own when its key is in the caller's
// directory; every other id, foreign or never minted, gets one and the same refusal, which is counted and logged.
import type { Context } from "hono";
import { z } from "zod";
import type { Directory } from "#adapters/d1/accounts.ts";
import { type Agents, agentsOf } from "#adapters/d1/agents.ts";
import { type ApiKeys, apiKeysOf } from "#adapters/d1/api-keys.ts";
import { type Projects, projectsOf } from "#adapters/d1/projects.ts";
import { errorFields } from "#adapters/logger.ts";
import type { CacheSlot, UserShortState } from "#domain/auth/short-state.ts";
import type { SpaceDoor } from "#durable-objects/worker-space/door.ts";
import { AgentRecord } from "#schema/api/agents.ts";
import { isId, keyOf, type ProjectId, parseAgentHandle } from "#schema/ids.ts";
import type { OwnedProject, Principal, SpaceCaller, UserScope } from "#schema/principal.ts";
import type { AppEnv } from "../context.ts";
import { refuseRequest } from "../errors.ts";

/** Where the directory and the rosters are cached; seconds they are kept. */
export const DIRECTORY = "directory";
export const CACHE_SECONDS = 300;
/** The cached roster of a project. */
export const rosterKey = (projectKey: string): string => `roster:${projectKey}`;
const LARGEST_CACHED = 500_000;

const Roster = z.array(AgentRecord);

/** A worker space, and who is calling it. */
export interface ReachedSpace {
  readonly project: OwnedProject;
  readonly space: SpaceDoor;
  readonly caller: SpaceCaller;
}

/** Everything this request may touch; there is no other way to a repository or a space. */
export interface RequestScope {
  readonly user: UserScope;
  readonly shortState: UserShortState;
  readonly projects: Projects;
  readonly apiKeys: ApiKeys;
  /** All of the caller's projects. */
  readonly owned: readonly OwnedProject[];
  /** The caller's project of this id, or the default one. */
  project(id?: ProjectId | null): OwnedProject;
  /** The caller's project an id or an agent's handle was minted in. */
  projectOf(id: string): OwnedProject;
  agents(project: OwnedProject): Agents;
  reach(project: OwnedProject): ReachedSpace;
  /** The space an id lives in. */
  at(id: string): ReachedSpace;
  /** A project's agents, from the cache when they are there. */
  roster(project: OwnedProject): Promise<AgentRecord[]>;
  /** Forgets what is cached about the caller's projects, or one project's agents. Never fails the request that changed them. */
  forget(...keys: readonly string[]): Promise<void>;
}

/** What a scope is minted from, all of it proven or read from the database. */
export interface ScopeParts {
  readonly principal: Principal;
  readonly directory: Directory;
  readonly shortState: UserShortState;
  readonly cache: Readonly<Record<string, CacheSlot>>;
}

const mintUser = (principal: Principal): UserScope =>
  ({ userId: principal.userId, userKey: keyOf(principal.userId), principal }) as unknown as UserScope;

const mintProject = (scope: UserScope, entry: Directory["projects"][number]): OwnedProject =>
  ({ ...entry, ownerId: scope.userId }) as unknown as OwnedProject;

/** Mints the scope of a request. */
export const mintScope = (
  c: Context<AppEnv>,
  { principal, directory, shortState, cache }: ScopeParts,
): RequestScope => {
  const { db, space, log, accounts, now } = c.var.services;
  const user = mintUser(principal);
  const owned = directory.projects.map((entry) => mintProject(user, entry));

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

  const reach = (project: OwnedProject): ReachedSpace => ({
    project,
    space: space(project),
    caller: { user_id: user.userId, project_id: project.id },
  });

  return {
    user,
    shortState,
    owned,
    projects: projectsOf(db, user),
    apiKeys: apiKeysOf(db, user),
    projectOf,
    reach,
    at: (id) => reach(projectOf(id)),
    agents: (project) => agentsOf(db, user, project),

    project(id) {
      const found = owned.find((project) => (id === undefined || id === null ? project.isDefault : project.id === id));
      return found ?? violation(id === undefined || id === null ? "default" : keyOf(id));
    },

    async roster(project) {
      const name = rosterKey(project.key);
      const slot = cache[name];
      if (typeof slot?.value === "string") return Roster.parse(JSON.parse(slot.value));
      const fresh = await agentsOf(db, user, project).roster();
      const text = JSON.stringify(fresh);
      if (slot !== undefined && text.length <= LARGEST_CACHED) {
        c.executionCtx.waitUntil(shortState.cachePut(name, slot.generation, text, CACHE_SECONDS));
      }
      return fresh;
    },

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

/** The project key a path tells of, when its handler will want that project's agents. */
export const rosterWantedBy = (path: string): string | null => {
  const session = /^\/my\/chat\/(room_[0-9A-Z]{26})\/message\/?$/.exec(path)?.[1];
  return session !== undefined && isId("room", session) ? rosterKey(keyOf(session)) : null;
};
