// What goes from Qdrant, and how much it was. Qdrant does not say how many points a deletion took, so they are counted first: what
// comes or goes between the two is counted with the next.
import type { ContextFilter, ContextRef } from "#domain/context/port.ts";
import { ok } from "#schema/result.ts";
import type { Answer, QdrantCalls } from "./qdrant-calls.ts";
import { allOf, among, fitting, type OwnFilter } from "./qdrant-filter.ts";
import { addressOf, dedicatedCollection } from "./qdrant-names.ts";
import type { QdrantPlacement } from "./settings.ts";

const PAGE = 1_000;

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

  /** What fits, but for the newest so many of it: the oldest go, page by page, until so many are left. */
  async allButTheNewest(ref: ContextRef, filter: ContextFilter, staying: number): Promise<Answer<number>> {
    const address = addressOf(ref, this.#placement);
    const count = await this.#calls.count(address, fitting(ref, filter));
    if (!count.ok) return count;
    const all = Math.max(0, count.value - staying);
    for (let left = all; left > 0; ) {
      const oldest = await this.#calls.scroll(address, fitting(ref, filter), {
        limit: Math.min(left, PAGE),
        order_by: { key: "at", direction: "asc" },
        bare: true,
      });
      if (!oldest.ok) return oldest;
      const points = oldest.value.points.map(({ id }) => String(id));
      // Others took them meanwhile.
      if (points.length === 0) break;
      const gone = await this.#calls.remove(address, among(ref, points));
      if (!gone.ok) return gone;
      left -= points.length;
    }
    return ok(all);
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
