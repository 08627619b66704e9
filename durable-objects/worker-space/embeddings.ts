// The space's own way to vectors: within its owner's budget, and told in the log where it cost something.

import type { SpentFor } from "#domain/billing/spend-meter.ts";
import type { SpendDeps } from "#domain/billing/within-budget.ts";
import { fact, type Place } from "#domain/events/facts.ts";
import { agentIdOf } from "#domain/events/ids.ts";
import { claimReport } from "#domain/models/charge.ts";
import type { EmbeddingModel } from "#domain/models/embeddings.ts";
import { embeddingUsed, embedWithinBudget } from "#domain/models/priced-embedding.ts";
import type { Core } from "./core.ts";
import type { ModelUsed } from "./door.ts";
import { incidentOnce } from "./incidents.ts";

const INSTANT_MS = 1_000;

/** What vectors are made for. */
export interface EmbeddingWork {
  /** Unique for the call. */
  readonly key: string;
  readonly for: SpentFor;
  readonly runLimitUsd: number | null;
  readonly agentId: string;
  /** Where the fact of it belongs. */
  readonly place: Place;
}

export class Embeddings {
  readonly #core: Core;
  readonly #model: EmbeddingModel;
  readonly #spend: SpendDeps;
  /** Whether vectors take no time and cost nothing: then nobody is asked for money, and nothing is written down of them. */
  readonly areFree: boolean;

  constructor(core: Core, model: EmbeddingModel, spend: SpendDeps) {
    this.#core = core;
    this.#model = model;
    this.#spend = spend;
    this.areFree = model.instant === true && core.settings.prices.costOf(model.model, 1_000_000, 0) === 0;
  }

  /** What the vectors are made with. */
  get made(): { readonly model: string; readonly dimensions: number } {
    return { model: this.#model.model, dimensions: this.#model.dimensions };
  }

  /** The vector of a text where vectors are free. */
  async free(text: string): Promise<Float32Array | null> {
    if (!this.areFree) return null;
    const made = await this.#model.embed([text], { timeoutMs: INSTANT_MS });
    return made.ok ? (made.value.vectors[0] ?? null) : null;
  }

  /** The vectors of these texts; null when there are none to be had now. */
  async of(texts: readonly string[], timeoutMs: number, work: EmbeddingWork): Promise<readonly Float32Array[] | null> {
    const startedAt = this.#core.now();
    const asked = { model: this.#model, prices: this.#core.settings.prices, spend: this.#spend };
    const embedded = await embedWithinBudget(
      asked,
      texts,
      { timeoutMs },
      {
        key: work.key,
        projectId: this.#core.owner().projectId,
        runId: work.for,
        runLimitUsd: work.runLimitUsd,
        projectMonthlyLimitUsd: this.#core.projectLimit.usd,
      },
    );
    this.#tell(embeddingUsed(this.#model.model, agentIdOf(work.agentId), embedded, this.#core.now() - startedAt), work);
    return embedded.ok ? embedded.value.vectors : null;
  }

  // At once, whether anybody still waits for the vectors or not.
  #tell(used: ModelUsed | null, { agentId, place }: EmbeddingWork): void {
    if (used === null) return;
    const { model, cost_usd, claimed } = used;
    const report = claimReport(model, claimed?.cost_usd, cost_usd, this.#core.now());
    const told = fact("model.used", used, place, { principal: `agent:${agentId}` });
    this.#core.commit.apply({ facts: [told, ...incidentOnce(this.#core, report)], work: [] });
  }
}
