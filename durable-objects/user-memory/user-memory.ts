// What is known about one user: the switchboard. It belongs to the first user it serves and serves no other. A passphrase
// comes with a call and is used up in it; everything after that is one synchronous transaction.
import { DurableObject } from "cloudflare:workers";
import { systemClock } from "#adapters/clock.ts";
import { embeddingModelFrom } from "#adapters/models/embedding-model.ts";
import type { SpendMeter } from "#domain/billing/spend-meter.ts";
import type { Forgotten } from "#domain/memory/forget.ts";
import type {
  AskedMemory,
  LearningGround,
  MemoryQuestion,
  MemoryWriter,
  RecalledMemory,
  Remembered,
  UnseenSessions,
} from "#domain/memory/port.ts";
import { pageFrom } from "#domain/paging.ts";
import type { Page } from "#schema/api/common.ts";
import type { MemoryId, ProjectId, RunId, UserId } from "#schema/ids.ts";
import type { KeptMemory, MemoryType, NewMemory } from "#schema/memory.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import { spendMeter } from "../spend-meter.ts";
import { spaceOfJob } from "../stubs.ts";
import { scanKernel } from "../vector-index/scan-kernel.ts";
import { readSpaceSettings } from "../worker-space/settings.ts";
import { MemoryAccount } from "./account.ts";
import { MemoryEmbedding } from "./embedding.ts";
import { MemoryVectors } from "./memory-vectors.ts";
import { Recalling } from "./recalling.ts";
import { Remembering } from "./remembering.ts";
import { type Opened, Shelf, type Shut } from "./shelf.ts";
import { Vault, type VaultKey } from "./vault.ts";

/** Whether anything is learned from conversations. */
export interface MemorySettings {
  readonly learning: boolean;
}

const OWNER = "owner";
const SETTINGS = "settings";
/** The newest episode that was looked at for what recurs. */
const SEEN = "looked-back";
/** Which project looks for what recurs, and until when nobody else does. */
const LOOK = "look";
interface Look {
  readonly projectId: ProjectId;
  readonly until: number;
}
/** A look that was broken off keeps others away no longer than this, ms. */
const LOOK_MS = 5 * 60_000;
/** How often vectors were asked for in vain since there were any. */
const TRIES = "embedding-tries";
/** Between two tries, ms: doubled each time. */
const PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 3_600_000;
/** A memory that is used all the time is not written all the time. */
const USED_EVERY_MS = 3_600_000;

/** The object behind one user's memory. */
export class UserMemory extends DurableObject<Cloudflare.Env> {
  readonly #vault: Vault;
  readonly #shelf: Shelf;
  readonly #account: MemoryAccount;
  readonly #embedding: MemoryEmbedding;
  readonly #remembering: Remembering;
  readonly #recalling: Recalling;
  #owner: UserId | undefined;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    this.#owner = ctx.storage.kv.get<UserId>(OWNER);
    const owner = (): UserId => {
      if (this.#owner === undefined) throw new Error("nobody has used this memory yet");
      return this.#owner;
    };
    this.#vault = new Vault(ctx.storage.kv, owner, systemClock);
    this.#shelf = new Shelf(ctx.storage, this.#vault);
    const vectors = new MemoryVectors(ctx.storage, this.#shelf, scanKernel());
    this.#shelf.onGone((keys) => vectors.drop(keys));
    const settings = readSpaceSettings(env);
    // The doors refuse every request of an installation whose settings do not fit, so nobody gets here with them.
    if (!settings.ok) throw new Error(`not configured: ${settings.refusal.detail}`);
    const { embedding, prices } = settings.value;
    const meterOf = (userId: UserId): SpendMeter => spendMeter(env.METERS, userId);
    this.#account = new MemoryAccount(ctx, { meterOf, spaceOf: (caller) => spaceOfJob(env.SPACES, caller) }, owner);
    const model = embeddingModelFrom({ ...embedding, prices });
    const hands = { model, prices, account: this.#account, now: systemClock };
    this.#embedding = new MemoryEmbedding(this.#shelf, vectors, hands, (write) => ctx.storage.transactionSync(write));
    this.#remembering = new Remembering(this.#shelf, this.#vault, owner);
    this.#recalling = new Recalling(this.#shelf, vectors);
  }

  async recall(question: MemoryQuestion): Promise<Result<RecalledMemory>> {
    return this.#with(question.userId, question.passphrase, (key, now) => {
      const recalled = this.#recalling.recall(question, key);
      this.#used(
        recalled.items.map(({ id }) => id),
        key,
        now,
      );
      return ok(recalled);
    });
  }

  async search(
    userId: UserId,
    asked: AskedMemory,
    limit: number,
    passphrase: string | null,
  ): Promise<Result<{ items: { memory: KeptMemory; score: number }[]; locked: number }>> {
    return this.#with(userId, passphrase, (key) =>
      ok({
        items: this.#recalling.search(asked, limit, key).map(({ memory, score }) => ({ memory: shown(memory), score })),
        locked: key === null ? this.#shelf.countSealed() : 0,
      }),
    );
  }

  async remember(
    { userId, passphrase, payer }: MemoryWriter,
    memories: readonly NewMemory[],
  ): Promise<Result<Remembered[]>> {
    return this.#with(userId, passphrase, (key, now) => {
      this.#account.note(payer);
      return ok(memories.map((memory) => this.#remembering.remember(memory, key, now)));
    });
  }

  async merge(
    { userId, passphrase, payer }: MemoryWriter,
    ids: readonly MemoryId[],
    memory: NewMemory,
  ): Promise<Result<Remembered>> {
    return this.#with(userId, passphrase, (key, now) => {
      this.#account.note(payer);
      return ok(this.#remembering.merge(ids, memory, key, now));
    });
  }

  async ground(
    userId: UserId,
    runIds: readonly string[],
    types: readonly MemoryType[],
    passphrase: string | null,
  ): Promise<Result<LearningGround>> {
    return this.#with(userId, passphrase, (key) =>
      ok({
        learning: this.#settings.learning,
        forgotten: runIds.filter((runId) => this.#shelf.isForgotten(runId)),
        known: types.flatMap((type) => this.#shelf.opened(type, key)).map(read),
        unseen: this.#unseen(key),
      }),
    );
  }

  /** Of projects that would look for what recurs in the same moment, one does: the others come again when it should be over. */
  async claimLook(userId: UserId, projectId: ProjectId, upTo: number): Promise<Result<number | null>> {
    return this.#with(userId, null, (_, now) => {
      const { kv } = this.ctx.storage;
      const held = kv.get<Look>(LOOK);
      // Somebody looked since: what there is to look at is asked about anew.
      if (upTo <= this.#seenUpTo) return ok(now);
      if (held !== undefined && held.projectId !== projectId && held.until > now) return ok(held.until);
      kv.put<Look>(LOOK, { projectId, until: now + LOOK_MS });
      return ok(null);
    });
  }

  /** What recurs was looked for, up to here. */
  async lookedBack(userId: UserId, upTo: number): Promise<Result<null>> {
    return this.#with(userId, null, () => {
      if (upTo > this.#seenUpTo) this.ctx.storage.kv.put(SEEN, upTo);
      this.ctx.storage.kv.delete(LOOK);
      return ok(null);
    });
  }

  async list(
    userId: UserId,
    type: MemoryType,
    before: number | null,
    limit: number,
    passphrase: string | null,
  ): Promise<Result<Page<KeptMemory> & { locked: number }>> {
    return this.#with(userId, passphrase, (key) => {
      const rows = this.#shelf.page(type, before, limit + 1, key);
      const page = pageFrom(rows, limit, (row) => String(row.key), shown);
      return ok({ ...page, locked: key === null ? this.#shelf.countSealed(type) : 0 });
    });
  }

  async get(userId: UserId, id: string, passphrase: string | null): Promise<Result<KeptMemory | null>> {
    return this.#with(userId, passphrase, (key) => {
      const opened = this.#shelf.one(id, key);
      return ok(opened === null ? null : shown(opened));
    });
  }

  async forget(userId: UserId, type: MemoryType, id: string, passphrase: string | null): Promise<Result<Forgotten>> {
    return this.#with(userId, passphrase, (key, now) => this.#remembering.forget(type, id, key, now));
  }

  async wouldForget(
    userId: UserId,
    type: MemoryType,
    id: string,
    passphrase: string | null,
  ): Promise<Result<Forgotten>> {
    return this.#with(userId, passphrase, (key) => this.#remembering.wouldForget(type, id, key));
  }

  /** Those of these memories that were deleted. */
  async forgottenOf(userId: UserId, ids: readonly MemoryId[]): Promise<Result<MemoryId[]>> {
    return this.#with(userId, null, () => ok(ids.filter((id) => this.#shelf.isMarked(id))));
  }

  /** A run was redacted: nothing of it stays. */
  async forgetRun(userId: UserId, runId: RunId): Promise<Result<{ forgotten: number }>> {
    return this.#with(userId, null, (_, now) => ok({ forgotten: this.#remembering.forgetRun(runId, now) }));
  }

  /** Puts everything under another passphrase, or (null) under none. */
  async reseal(userId: UserId, passphrase: string | null, next: string | null): Promise<Result<{ resealed: number }>> {
    const entered = this.#enter(userId);
    if (!entered.ok) return entered;
    const nextKey = next === null ? null : await this.#vault.newKey(next);
    return this.#with(userId, passphrase, (key, now) => this.#remembering.reseal(key, nextKey, now));
  }

  async settings(userId: UserId): Promise<Result<MemorySettings>> {
    return this.#with(userId, null, () => ok(this.#settings));
  }

  async setSettings(userId: UserId, settings: MemorySettings): Promise<Result<MemorySettings>> {
    return this.#with(userId, null, () => {
      this.ctx.storage.kv.put<MemorySettings>(SETTINGS, settings);
      return ok(settings);
    });
  }

  get #seenUpTo(): number {
    return this.ctx.storage.kv.get<number>(SEEN) ?? 0;
  }

  #unseen(key: VaultKey | null): UnseenSessions {
    const seen = this.#seenUpTo;
    // What stands for several sessions was written by a look, and is not news.
    const news = this.#shelf
      .opened("episodic", key)
      .filter(({ key: at, content }) => at > seen && content.type === "episodic" && content.session_id !== null);
    return {
      sessions: new Set(news.map(({ content }) => content.type === "episodic" && content.session_id)).size,
      since: news[0]?.frame.createdAt ?? null,
      upTo: news.at(-1)?.key ?? seen,
    };
  }

  get #settings(): MemorySettings {
    return this.ctx.storage.kv.get<MemorySettings>(SETTINGS) ?? { learning: true };
  }

  /** Opens with the passphrase, then asks in one transaction. Wrong passphrases get no further than here. */
  async #with<T>(
    userId: UserId,
    passphrase: string | null,
    ask: (key: VaultKey | null, now: number) => Result<T>,
  ): Promise<Result<T>> {
    const entered = this.#enter(userId);
    if (!entered.ok) return entered;
    const key = await this.#vault.key(passphrase);
    if (!key.ok) return key;
    try {
      const answer = this.ctx.storage.transactionSync(() => ask(key.value, systemClock()));
      if (this.#embedding.waits(key.value)) this.ctx.waitUntil(this.#catchUp(key.value));
      return answer;
    } catch (defect) {
      this.#shelf.forgetCopies();
      throw defect;
    }
  }

  /** What could not be embedded is tried again, whether somebody comes or not. */
  override async alarm(): Promise<void> {
    await this.#catchUp(null);
  }

  async #catchUp(key: VaultKey | null): Promise<void> {
    const { storage } = this.ctx;
    await this.#embedding.catchUp(key);
    const tries = storage.kv.get<number>(TRIES) ?? 0;
    // What is sealed waits for its passphrase.
    if (!this.#embedding.waits(null)) {
      if (tries > 0) storage.kv.delete(TRIES);
      return;
    }
    if ((await storage.getAlarm()) !== null) return;
    storage.kv.put<number>(TRIES, tries + 1);
    await storage.setAlarm(systemClock() + Math.min(LONGEST_PAUSE_MS, PAUSE_MS * 2 ** Math.min(tries, 20)));
  }

  #used(ids: readonly string[], key: VaultKey | null, now: number): void {
    const stale = ids.filter((id) => (this.#shelf.one(id, key)?.frame.lastUsedAt ?? 0) < now - USED_EVERY_MS);
    this.#shelf.used(stale, now);
  }

  // The name of the object already comes from the user id; this is the second lock on the same door.
  #enter(userId: UserId): Result<void> {
    if (this.#owner === undefined) {
      this.ctx.storage.kv.put(OWNER, userId);
      this.#owner = userId;
    }
    return this.#owner === userId ? ok(undefined) : refuse("isolation_violation");
  }
}

const isOpened = (row: Opened | Shut): row is Opened => "content" in row;

const read = ({ frame, content }: Opened) => ({ locked: false, frame, content }) as const;

const shown = (row: Opened | Shut): KeptMemory =>
  isOpened(row) ? read(row) : { locked: true, id: row.id, type: row.type, createdAt: row.createdAt };
