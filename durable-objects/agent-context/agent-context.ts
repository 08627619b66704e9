// One agent's context where no Qdrant is configured: its items, their words and their vectors. It belongs to the first owner it
// was written for and serves no other. What is only asked about is not created: an object nobody wrote to stays empty.
import { DurableObject } from "cloudflare:workers";
import { itemsFault, MOST_HITS, vectorFault } from "#domain/context/limits.ts";
import type {
  ContextFilter,
  ContextHit,
  ContextItem,
  ContextPage,
  ContextQuery,
  ContextRef,
  ContextStats,
  NewContextItem,
} from "#domain/context/port.ts";
import { ok, type Refusal, type Result, refuse } from "#schema/result.ts";
import { scanKernel } from "../vector-index/scan-kernel.ts";
import { Holdings } from "./holdings.ts";

/** Who an object belongs to. */
type Owner = Pick<ContextRef, "userId" | "projectId" | "agentId">;

/** What was removed by one call, and whether it must be made again for the rest. */
export interface Removal {
  readonly removed: number;
  readonly more: boolean;
}

const OWNER = "owner";
/** Items removed by one call at most: an object that is busy for long answers nobody. */
const MOST_REMOVED = 1_000;
/** A slice of building, and the time others have until the next, ms. */
const SLICE_MS = 50;
const PAUSE_MS = 5;

/** The object behind one agent's embedded context; reached through `embeddedContexts`. */
export class AgentContext extends DurableObject<Cloudflare.Env> {
  #owner: Owner | null;
  #holdings: Holdings | null = null;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    this.#owner = ctx.storage.kv.get<Owner>(OWNER) ?? null;
  }

  async put(ref: ContextRef, items: readonly NewContextItem[]): Promise<Result<{ stored: number }>> {
    const fault = this.#strangerTo(ref) ?? itemsFault(ref, items);
    if (fault !== null) return { ok: false, refusal: fault };
    if (items.length === 0) return ok({ stored: 0 });
    this.#own(ref);
    this.#change((holdings) => holdings.put(ref.embedding, items));
    return ok({ stored: items.length });
  }

  async search(ref: ContextRef, query: ContextQuery): Promise<Result<readonly ContextHit[]>> {
    const fault = vectorFault(ref, [query.vector]);
    if (fault !== null) return { ok: false, refusal: fault };
    if (query.topK < 1 || query.topK > MOST_HITS)
      return refuse("invalid_request", `A search finds between 1 and ${MOST_HITS} items`);
    return this.#ask<readonly ContextHit[]>(ref, [], (holdings) => holdings.search(ref.embedding, query));
  }

  async get(ref: ContextRef, ids: readonly string[]): Promise<Result<readonly ContextItem[]>> {
    return this.#ask<readonly ContextItem[]>(ref, [], (holdings) => {
      const items = holdings.get(ids);
      return ids.flatMap((id) => items.get(id) ?? []);
    });
  }

  async list(
    ref: ContextRef,
    filter: ContextFilter,
    after: string | null,
    limit: number,
  ): Promise<Result<ContextPage>> {
    return this.#ask<ContextPage>(ref, { items: [], next: null }, (holdings) => {
      const { items, more } = holdings.items.page(filter, after, limit);
      return { items, next: more ? (items.at(-1)?.id ?? null) : null };
    });
  }

  async removeIds(ref: ContextRef, ids: readonly string[]): Promise<Result<Removal>> {
    const these = ids.slice(0, MOST_REMOVED);
    return this.#removing(ref, (holdings) => holdings.remove([...holdings.items.keysOf(these).values()]));
  }

  /** Removes some of what a filter leaves. */
  async removeFitting(ref: ContextRef, filter: ContextFilter): Promise<Result<Removal>> {
    return this.#removing(ref, (holdings) => holdings.remove(holdings.items.fitting(filter, MOST_REMOVED)));
  }

  /** Everything goes, and the database with it; only whose it is stays. */
  async clear(ref: ContextRef): Promise<Result<{ removed: number }>> {
    return this.ctx.blockConcurrencyWhile(async () => {
      const removed = this.#ask(ref, 0, (holdings) => holdings.items.size);
      if (!removed.ok || this.#owner === null) return removed.ok ? ok({ removed: 0 }) : removed;
      this.#holdings = null;
      await this.ctx.storage.deleteAll();
      await this.ctx.storage.deleteAlarm();
      this.ctx.storage.kv.put(OWNER, this.#owner);
      return ok({ removed: removed.value });
    });
  }

  async stats(ref: ContextRef): Promise<Result<ContextStats>> {
    const { collection, embedding } = ref;
    const nothing = { items: 0, vectors: 0, interactions: 0, documents: 0, bytes: 0, pending: 0, building: false };
    return this.#ask<ContextStats>(ref, { backend: "embedded", collection, embedding, ...nothing }, (holdings) => ({
      backend: "embedded",
      collection,
      embedding,
      ...holdings.stats(embedding),
    }));
  }

  async unembedded(ref: ContextRef, limit: number): Promise<Result<readonly ContextItem[]>> {
    return this.#ask<readonly ContextItem[]>(ref, [], (holdings) => holdings.unembedded(ref.embedding, limit));
  }

  async setVectors(
    ref: ContextRef,
    vectors: readonly { readonly id: string; readonly vector: Float32Array }[],
  ): Promise<Result<{ stored: number }>> {
    const fault = vectorFault(
      ref,
      vectors.map(({ vector }) => vector),
    );
    if (fault !== null) return { ok: false, refusal: fault };
    const byId = new Map(vectors.map(({ id, vector }) => [id, vector]));
    return this.#ask(ref, { stored: 0 }, () => ({
      stored: this.#change((holdings) => holdings.setVectors(ref.embedding, byId)),
    }));
  }

  /** Builds the index a slice at a time, beside the requests. Progress is rows: wherever it ends, it goes on from there. */
  override async alarm(): Promise<void> {
    if (this.#owner === null) return;
    const more = this.#guarded((holdings) => holdings.work(SLICE_MS));
    if (more) await this.ctx.storage.setAlarm(Date.now() + PAUSE_MS);
  }

  /** Asks what is held, for its owner; `nothing` where nothing was ever written. */
  #ask<T>(ref: ContextRef, nothing: T, question: (holdings: Holdings) => T): Result<T> {
    const stranger = this.#strangerTo(ref);
    if (stranger !== null) return { ok: false, refusal: stranger };
    return ok(this.#owner === null ? nothing : question(this.#open()));
  }

  #removing(ref: ContextRef, remove: (holdings: Holdings) => number): Result<Removal> {
    return this.#ask(ref, { removed: 0, more: false }, () => {
      const removed = this.#change(remove);
      return { removed, more: removed === MOST_REMOVED };
    });
  }

  #change<T>(change: (holdings: Holdings) => T): T {
    const value = this.#guarded(change);
    if (this.#open().building) this.#wake();
    return value;
  }

  /** A throw has rolled the rows back: what memory holds of them may be ahead, and is opened anew. */
  #guarded<T>(change: (holdings: Holdings) => T): T {
    try {
      return change(this.#open());
    } catch (defect) {
      this.#holdings = null;
      throw defect;
    }
  }

  #open(): Holdings {
    this.#holdings ??= new Holdings(this.ctx.storage, scanKernel());
    return this.#holdings;
  }

  // The name of the object already comes from project and agent; this is the second lock on the same door.
  #strangerTo({ userId, projectId, agentId }: ContextRef): Refusal | null {
    const owner = this.#owner;
    if (owner === null) return null;
    const own = owner.userId === userId && owner.projectId === projectId && owner.agentId === agentId;
    return own ? null : refuse("isolation_violation").refusal;
  }

  #own({ userId, projectId, agentId }: ContextRef): void {
    if (this.#owner !== null) return;
    this.#owner = { userId, projectId, agentId };
    this.ctx.storage.kv.put(OWNER, this.#owner);
  }

  #wake(): void {
    void this.ctx.storage.getAlarm().then(async (planned) => {
      if (planned === null) await this.ctx.storage.setAlarm(Date.now() + PAUSE_MS);
    });
  }
}
