// What goes from Qdrant, and how much it was. Qdrant does not say how many points a deletion took, so they are counted first: what
// comes or goes between the two is counted with the next.
import type { ContextRef } from "#domain/context/port.ts";
import type { Answer, QdrantCalls } from "./qdrant-calls.ts";
import { allOf, type OwnFilter } from "./qdrant-filter.ts";
import { addressOf, dedicatedCollection } from "./qdrant-names.ts";
import type { QdrantPlacement } from "./settings.ts";

/** Takes points away. */
export class QdrantRemovals {
  readonly #calls: QdrantCalls;
  readonly #placement: QdrantPlacement;

  constructor(calls: QdrantCalls, placement: QdrantPlacement) {
    this.#calls = calls;
    this.#placement = placement;
  }

  /** What fits. */
  async fitting(ref: ContextRef, filter: OwnFilter): Promise<Answer<number>> {
    const address = addressOf(ref, this.#placement);
    const count = await this.#calls.count(address, filter);
    if (!count.ok || count.value === 0) return count;
    const gone = await this.#calls.remove(address, filter);
    return gone.ok ? count : gone;
  }

  /** Everything the owner has; a collection of its own goes too, and with it every vector of every model. */
  async everything(ref: ContextRef): Promise<Answer<number>> {
    if (this.#placement === "shared") return this.fitting(ref, allOf(ref));
    const count = await this.#calls.count(dedicatedCollection(ref), allOf(ref));
    if (!count.ok) return count;
    const gone = await this.#calls.drop(dedicatedCollection(ref));
    return gone.ok ? count : gone;
  }
}
