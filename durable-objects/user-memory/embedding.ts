// Makes the vectors of memories, off the path of whoever wrote them. What is sealed is embedded only while its passphrase is
// at hand; what could not be embedded is still found by its words, and is tried again with the next call, and by the alarm.

import type { PriceBook } from "#domain/billing/price.ts";
import { textOf } from "#domain/memory/place.ts";
import type { EmbeddingModel } from "#domain/models/embeddings.ts";
import { embeddingUsed, embedWithinBudget } from "#domain/models/priced-embedding.ts";
import type { MemoryAccount } from "./account.ts";
import type { MemoryVectors } from "./memory-vectors.ts";
import type { Opened, Shelf } from "./shelf.ts";
import type { VaultKey } from "./vault.ts";

/** What it makes them with. */
export interface EmbeddingHands {
  readonly model: EmbeddingModel;
  readonly prices: PriceBook;
  readonly account: MemoryAccount;
  readonly now: () => number;
}

const AT_ONCE = 50;
const MOST_ROUNDS = 20;
const TIMEOUT_MS = 20_000;

export class MemoryEmbedding {
  readonly #shelf: Shelf;
  readonly #vectors: MemoryVectors;
  readonly #hands: EmbeddingHands;
  readonly #once: (write: () => void) => void;
  #last: Promise<void> = Promise.resolve();
  #calls = 0;

  constructor(shelf: Shelf, vectors: MemoryVectors, hands: EmbeddingHands, once: (write: () => void) => void) {
    this.#shelf = shelf;
    this.#vectors = vectors;
    this.#hands = hands;
    this.#once = once;
  }

  /** True when something waits for a vector. */
  waits(key: VaultKey | null): boolean {
    return this.#shelf.unembedded(this.#hands.model.model, key, 1).length > 0;
  }

  /** Embeds what waits, one round after the other. Never throws for what may happen. */
  catchUp(key: VaultKey | null): Promise<void> {
    // What went wrong the last time must not keep this time from being tried.
    this.#last = this.#last
      .catch(() => {})
      .then(async () => {
        for (let round = 0; round < MOST_ROUNDS && (await this.#round(key)); round += 1);
      });
    return this.#last;
  }

  async #round(key: VaultKey | null): Promise<boolean> {
    const { model } = this.#hands;
    const waiting = this.#shelf.unembedded(model.model, key, AT_ONCE);
    if (waiting.length === 0) return false;
    const made = await this.#embed(waiting);
    if (made === null) return false;
    this.#once(() => {
      // Only what still says the same: it may have been changed, sealed or deleted meanwhile.
      const same = waiting.map((memory) => {
        const now = this.#shelf.one(memory.frame.id, key);
        return now?.frame.updatedAt === memory.frame.updatedAt && now.frame.sealed === memory.frame.sealed ? now : null;
      });
      const there = same.flatMap((memory) => memory ?? []);
      const vectors = made.filter((_, at) => same[at] != null);
      this.#vectors.put(there, { vectors }, { model: model.model, dimensions: model.dimensions }, key);
    });
    return true;
  }

  async #embed(memories: readonly Opened[]): Promise<readonly Float32Array[] | null> {
    const texts = memories.map(({ content }) => textOf(content));
    const { model, prices, account, now } = this.#hands;
    const { payer } = account;
    // Nobody has written yet on whose account it could be: it waits for the next write.
    if (payer === null) return null;
    this.#calls += 1;
    const startedAt = now();
    const made = await embedWithinBudget(
      { model, prices, spend: account.spendOf(payer) },
      texts,
      { timeoutMs: TIMEOUT_MS },
      {
        key: `memory.${memories[0]?.frame.id}.${memories[0]?.frame.updatedAt}.${this.#calls}`,
        projectId: payer.projectId,
        runId: "work:memory",
        runLimitUsd: null,
        projectMonthlyLimitUsd: payer.monthlyLimitUsd,
      },
    );
    account.tell(payer, embeddingUsed(model.model, null, made, now() - startedAt), []);
    return made.ok ? made.value.vectors : null;
  }
}
