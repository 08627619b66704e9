// Hands for the doors, made from the environment once per isolate. Besides the entries, the only place that touches `env`.
// Holds no request's data: only settings, bindings and the functions over them.

import { systemClock } from "#adapters/clock.ts";
import {
  type ContextPlace,
  contextPlace,
  contextStoreFrom,
  type ReachedPlace,
} from "#adapters/context/context-store.ts";
import { cronReader } from "#adapters/cron-time.ts";
import { type Accounts, accountsIn } from "#adapters/d1/accounts.ts";
import { callbackReceipts } from "#adapters/d1/callback-receipts.ts";
import { type Database, openDatabase } from "#adapters/d1/database.ts";
import { dueSchedules } from "#adapters/d1/due-schedules.ts";
import { existingAgents } from "#adapters/d1/existing-agents.ts";
import { type Sessions, sessionsIn } from "#adapters/d1/sessions.ts";
import { mintId } from "#adapters/ids.ts";
import { type AccessTokens, accessTokens } from "#adapters/jwt.ts";
import type { Keyring } from "#adapters/keyring.ts";
import { type Logger, logger } from "#adapters/logger.ts";
import { embeddingModelFrom } from "#adapters/models/embedding-model.ts";
import { qstashScheduler } from "#adapters/qstash/scheduler.ts";
import { upstashShortState } from "#adapters/redis/short-state.ts";
import type { ShortState } from "#domain/auth/short-state.ts";
import type { PriceBook } from "#domain/billing/price.ts";
import type { SpendMeter } from "#domain/billing/spend-meter.ts";
import type { ContextStore } from "#domain/context/port.ts";
import type { EmbeddingModel } from "#domain/models/embeddings.ts";
import type { StartDeps } from "#domain/schedules/perform.ts";
import type { Scheduler } from "#domain/schedules/scheduler.ts";
import { embeddedContexts } from "#durable-objects/embedded-context.ts";
import { embeddedScheduler } from "#durable-objects/embedded-scheduler.ts";
import { embeddedShortState } from "#durable-objects/embedded-short-state.ts";
import { type OwnMemory, ownMemory } from "#durable-objects/memory-hand.ts";
import { spendMeter, type UserBudget, userBudget } from "#durable-objects/spend-meter.ts";
import { meterOf, spaceOf, spaceOfJob } from "#durable-objects/stubs.ts";
import type { SpaceDoor } from "#durable-objects/worker-space/door.ts";
import { readSpaceSettings, type SpaceSettings } from "#durable-objects/worker-space/settings.ts";
import type { MintId, ProjectId } from "#schema/ids.ts";
import type { Job } from "#schema/jobs.ts";
import type { OwnedProject, UserScope } from "#schema/principal.ts";
import { ok, type Result } from "#schema/result.ts";
import { type Config, readConfig } from "./config.ts";
import { perform, type QueueDeps } from "./queue.ts";
import { scheduledRuns } from "./scheduled-runs.ts";
import { takeCallback } from "./take-callback.ts";

/** Everything a door may use. */
export interface Services {
  readonly config: Config;
  readonly keys: Keyring;
  readonly log: Logger;
  readonly now: () => number;
  readonly mintId: MintId;
  readonly db: Database;
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly tokens: AccessTokens;
  readonly shortState: ShortState;
  /** A user's money: always the user's own object, also where Redis keeps the rest. */
  readonly budget: (user: UserScope) => UserBudget;
  /** What is known about a user, opened with the passphrase that came along. */
  readonly memory: (user: UserScope, passphrase: string | null) => OwnMemory;
  /** Where the money of a user's calls is reserved and settled. */
  readonly spend: (user: UserScope) => SpendMeter;
  /** What agents can look up. */
  readonly contexts: ContextStore;
  /** A place contexts can be moved from or to; null where nothing is configured there. */
  readonly contextPlace: (place: ContextPlace) => ReachedPlace | null;
  /** What makes vectors, and what that costs. */
  readonly embedding: { readonly model: EmbeddingModel; readonly prices: PriceBook };
  /** The worker space of a project the caller was shown to own. */
  readonly space: (project: OwnedProject) => SpaceDoor;
  /** Whether a provider of models is one that callers may bring a key for. */
  readonly takesKeys: (provider: string) => boolean;
  /** Who keeps the time of schedules. */
  readonly scheduler: Scheduler;
  readonly scheduledRuns: StartDeps;
  /** Takes a callback of the outside clock, or refuses it. */
  readonly takeCallback: (
    signature: string | undefined,
    body: Uint8Array,
  ) => Promise<Result<{ ok: true; repeated: boolean }>>;
}

/** The log of this isolate. */
export const log = logger();

/** What went on without Redis is written down; where it happened in our code says nothing, so no stack. */
const reportShortState = ({ name, message }: Error): void =>
  log.warn("without_redis", { error_name: name, error_message: message });

const made = new WeakMap<Cloudflare.Env, Result<Services>>();

/** The services of an environment, or why there are none. */
export const servicesOf = ({ env }: { readonly env: Cloudflare.Env }): Result<Services> => {
  const known = made.get(env);
  if (known !== undefined) return known;
  const fresh = make(env);
  made.set(env, fresh);
  return fresh;
};

const make = (env: Cloudflare.Env): Result<Services> => {
  const config = readConfig({ ...env });
  if (!config.ok) return config;
  const space = readSpaceSettings(env);
  if (!space.ok) return space;
  const { auth, upstash } = config.value;
  const db = openDatabase(env.DB);
  const now = systemClock;
  return ok({
    config: config.value,
    keys: auth.keys,
    log,
    now,
    mintId,
    db,
    accounts: accountsIn(db),
    sessions: sessionsIn(db, auth.keys),
    tokens: accessTokens(auth, now),
    shortState:
      upstash === null
        ? embeddedShortState({ meters: (userId) => meterOf(env.METERS, userId), db: env.DB, now })
        : upstashShortState({ ...upstash, now, report: reportShortState }),
    budget: ({ userId }) => userBudget(env.METERS, userId),
    memory: ({ userId }, passphrase) => ownMemory(env.MEMORIES, userId, passphrase),
    spend: ({ userId }) => spendMeter(env.METERS, userId),
    contexts: contextStoreFrom(space.value.qdrant, embeddedContexts(env.CONTEXTS)),
    contextPlace: (place) => contextPlace(space.value.qdrant, embeddedContexts(env.CONTEXTS), place),
    embedding: embeddingOf(space.value),
    space: (project) => spaceOf(env.SPACES, project),
    takesKeys: (provider) => providerOf(space.value, provider)?.keyed === true,
    scheduler: schedulerOf(env),
    scheduledRuns: scheduledRuns(db, (project) => spaceOfJob(env.SPACES, project)),
    takeCallback: (signature, body) =>
      takeCallback(
        {
          settings: config.value.qstash,
          receipts: callbackReceipts(db),
          perform: (task) => perform(queueDeps(env), task),
          now,
        },
        signature,
        body,
      ),
  });
};

const embeddingOf = ({ embedding, prices }: SpaceSettings): Services["embedding"] => ({
  model: embeddingModelFrom({ ...embedding, prices }),
  prices,
});

const providerOf = ({ routing: { routes } }: SpaceSettings, name: string) =>
  Object.hasOwn(routes.providers, name) ? routes.providers[name] : undefined;

/** QStash where it is configured, else the spaces' own alarms. */
const schedulerOf = (env: Cloudflare.Env): Scheduler => {
  const config = readConfig({ ...env });
  const qstash = config.ok ? config.value.qstash : null;
  return qstash === null ? embeddedScheduler((project) => spaceOfJob(env.SPACES, project)) : qstashScheduler(qstash);
};

/** A file of the console, as it is served without the worker. */
export const fileFrom = ({ env }: { readonly env: Cloudflare.Env }, request: Request): Promise<Response> =>
  env.ASSETS.fetch(request);

/** Puts jobs, a hundred at most, into the queue. */
export const enqueueIn =
  (env: Cloudflare.Env) =>
  async (jobs: readonly Job[]): Promise<void> =>
    void (await env.JOBS.sendBatch(jobs.map((body) => ({ body }))));

/** The queue consumer's hands. They need no settings: anchoring and schedules go on even where sign-in is not configured. */
export const queueDeps = (env: Cloudflare.Env): QueueDeps => {
  const db = openDatabase(env.DB);
  // The only calls of a space that no request stands behind; the space still checks the owner.
  const space = (project: { readonly project_id: ProjectId }): SpaceDoor => spaceOfJob(env.SPACES, project);
  return {
    db,
    blobs: env.BLOBS,
    log,
    enqueue: enqueueIn(env),
    now: systemClock,
    headOf: ({ project_id, owner_id }) => space({ project_id }).head({ user_id: owner_id, project_id }, null),
    hashAt: async ({ project_id, owner_id }, seq) => {
      const caller = { user_id: owner_id, project_id };
      const page = await space({ project_id }).queryEvents(caller, { from_seq: seq - 1, limit: 1 });
      return page.ok ? ok(page.value.items[0]?.hash ?? null) : page;
    },
    changesSince: ({ project_id, owner_id }, seq) =>
      space({ project_id }).changesSince({ user_id: owner_id, project_id }, seq),
    statusOf: ({ project_id, owner_id }) => space({ project_id }).status({ user_id: owner_id, project_id }),
    schedules: {
      ...dueSchedules(db),
      ...scheduledRuns(db, space),
      scheduler: schedulerOf(env),
      reader: cronReader,
      now: systemClock,
    },
    gone: {
      agents: existingAgents(db),
      context: () => {
        const settings = readSpaceSettings(env);
        if (!settings.ok) throw new Error(`not configured: ${settings.refusal.detail}`);
        const { qdrant, embedding } = settings.value;
        return { store: contextStoreFrom(qdrant, embeddedContexts(env.CONTEXTS)), embedding };
      },
    },
    confirm: ({ project_id, owner_id, appointment_id, due_at }) =>
      space({ project_id }).confirmAppointment({ user_id: owner_id, project_id }, appointment_id, due_at),
  };
};
