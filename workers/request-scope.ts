// What a request may touch, as handlers see it. Minted by middleware/isolation.ts and by nothing else.
import type { Agents } from "#adapters/d1/agents.ts";
import type { ApiKeys } from "#adapters/d1/api-keys.ts";
import type { Capabilities } from "#adapters/d1/capabilities.ts";
import type { Orchestrators } from "#adapters/d1/orchestrators.ts";
import type { Projects } from "#adapters/d1/projects.ts";
import type { Schedules } from "#adapters/d1/schedules.ts";
import type { UserStats } from "#adapters/d1/stats.ts";
import type { Usage } from "#adapters/d1/usage.ts";
import type { UserShortState } from "#domain/auth/short-state.ts";
import type { SpendDeps } from "#domain/billing/within-budget.ts";
import type { ContextRef } from "#domain/context/port.ts";
import type { OwnMemory } from "#durable-objects/memory-hand.ts";
import type { UserBudget } from "#durable-objects/spend-meter.ts";
import type { SpaceDoor } from "#durable-objects/worker-space/door.ts";
import type { AgentRecord } from "#schema/api/agents.ts";
import type { Orchestrator } from "#schema/api/orchestrator.ts";
import type { ProjectId } from "#schema/ids.ts";
import type { OwnedProject, SpaceCaller, UserScope } from "#schema/principal.ts";

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
  /** What the caller's model calls took. */
  readonly usage: Usage;
  /** What became of the caller's work. */
  readonly stats: UserStats;
  readonly schedules: Schedules;
  readonly budget: UserBudget;
  /** What is known about the caller; with the passphrase their request brought, sealed memories too. */
  memory(passphrase: string | null): OwnMemory;
  /** All of the caller's projects. */
  readonly owned: readonly OwnedProject[];
  /** The caller's project of this id, or the default one. */
  project(id?: ProjectId | null): OwnedProject;
  /** The caller's project an id or an agent's handle was minted in. */
  projectOf(id: string): OwnedProject;
  agents(project: OwnedProject): Agents;
  capabilities(project: OwnedProject): Capabilities;
  orchestrators(project: OwnedProject): Orchestrators;
  /** Whose context: that of an agent of one of the caller's own projects. */
  contextOf(project: OwnedProject, agent: Pick<AgentRecord, "id" | "name">): ContextRef;
  /** The caller's money, for calls made on behalf of a project; its space is told of thresholds passed. */
  spendIn(project: OwnedProject): SpendDeps;
  /** What a project may spend in a month; null: no limit of its own. */
  monthlyLimitUsd(project: OwnedProject): Promise<number | null>;
  reach(project: OwnedProject): ReachedSpace;
  /** The space an id lives in. */
  at(id: string): ReachedSpace;
  /** Tells a space what the database already holds. A lost telling is logged and is not the caller's problem: every message
   * brings its agent's record along, so the space heals. */
  tell(project: OwnedProject, telling: (reached: ReachedSpace) => Promise<unknown>): Promise<void>;
  /** A project's agents, from the cache when they are there. */
  roster(project: OwnedProject): Promise<readonly AgentRecord[]>;
  /** How a project's orchestrator is configured, from the cache when it is there. */
  orchestrator(project: OwnedProject): Promise<Readonly<Orchestrator>>;
  /** Forgets what is cached about the caller's projects, or one project's agents or orchestrator. Never fails the request that changed them. */
  forget(...keys: readonly string[]): Promise<void>;
}
