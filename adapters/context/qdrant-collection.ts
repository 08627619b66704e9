// A collection and what it must have before it is written to: made when first needed, by whoever comes first. Every step may be
// repeated and may be done by two at once; a collection that was half made is completed by the next who writes.
import type { Schemas } from "@qdrant/js-client-rest";
import type { ContextRef } from "#domain/context/port.ts";
import { ok } from "#schema/result.ts";
import type { Answer, QdrantCalls } from "./qdrant-calls.ts";
import { dedicatedCollection, denseName, LEX, SHARED_ALIAS, SHARED_COLLECTION } from "./qdrant-names.ts";
import type { QdrantPlacement } from "./settings.ts";

const MOST_REMEMBERED = 1_000;

/** Since 1.19 a structure's place in memory is said by one word. Before, by flags that are now going away. */
const saysMemory = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 1 || (major === 1 && minor >= 19);
};

/** What filters ask for, and what keeps the house: no filter goes unindexed, and no request is without bounds. */
const STRICT: Schemas["StrictModeConfig"] = {
  enabled: true,
  unindexed_filtering_retrieve: false,
  unindexed_filtering_update: false,
  max_query_limit: 1_000,
  search_max_oversampling: 4,
};

const indexes = (placement: QdrantPlacement): Readonly<Record<string, Schemas["PayloadFieldSchema"]>> => ({
  tenant: { type: "keyword", ...(placement === "shared" ? { is_tenant: true } : {}) },
  at: { type: "integer", lookup: false, range: true, is_principal: true },
  kind: { type: "keyword" },
  success: { type: "bool" },
  tags: { type: "keyword" },
  document_id: { type: "keyword" },
  run_id: { type: "keyword" },
});

/** Quantised vectors stay in memory, everything else may be read from disk: made for a million vectors and more. */
const described = (ref: ContextRef, placement: QdrantPlacement, version: string): Schemas["CreateCollection"] => {
  const says = saysMemory(version);
  const dense = { size: ref.embedding.dimensions, distance: "Cosine" as const };
  // Among many tenants a graph over all points would serve nobody: each has one of its own.
  const graph = placement === "shared" ? { m: 0, payload_m: 16 } : {};
  return {
    vectors: { [denseName(ref)]: says ? { ...dense, memory: "cold" } : { ...dense, on_disk: true } },
    sparse_vectors: { [LEX]: { modifier: "idf", index: says ? { memory: "cached" } : { on_disk: false } } },
    ...(says ? { payload: { memory: "cold" } } : { on_disk_payload: true }),
    // For the whole collection: vectors of later models are given neither of their own.
    hnsw_config: says ? { ...graph, memory: "cached" } : { ...graph, on_disk: false },
    quantization_config: says
      ? { turbo: { bits: "bits4", memory: "pinned" } }
      : { scalar: { type: "int8", quantile: 0.99, always_ram: true } },
    strict_mode_config: STRICT,
    metadata: { made_by: "retinue", placement },
  };
};

const hasVector = (config: Schemas["CollectionConfig"], ref: ContextRef): boolean =>
  Object.hasOwn(config.params.vectors ?? {}, denseName(ref));

/** Sees to collections. */
export class QdrantCollections {
  readonly #calls: QdrantCalls;
  readonly #placement: QdrantPlacement;
  /** What was seen complete, so that it is not looked at before every write. Only a saving: what is gone is made again. */
  readonly #ready = new Set<string>();

  constructor(calls: QdrantCalls, placement: QdrantPlacement) {
    this.#calls = calls;
    this.#placement = placement;
  }

  /** Forgets that the ref's collection was complete. */
  forget(ref: ContextRef): void {
    this.#ready.delete(this.#keyOf(ref));
  }

  /** Makes sure that the ref's points can be written and found. */
  async ready(ref: ContextRef): Promise<Answer<void>> {
    const key = this.#keyOf(ref);
    if (this.#ready.has(key)) return ok(undefined);
    const completed = await this.#complete(ref);
    if (!completed.ok) return completed;
    if (this.#ready.size >= MOST_REMEMBERED) this.#ready.clear();
    this.#ready.add(key);
    return ok(undefined);
  }

  #keyOf(ref: ContextRef): string {
    return `${this.#placement === "shared" ? SHARED_COLLECTION : dedicatedCollection(ref)} ${ref.collection} ${denseName(ref)}`;
  }

  async #complete(ref: ContextRef): Promise<Answer<void>> {
    const collection = this.#placement === "shared" ? SHARED_COLLECTION : dedicatedCollection(ref);
    let info = await this.#calls.info(collection);
    if (!info.ok && info.refusal.kind === "no_collection") {
      const created = await this.#create(ref, collection);
      if (!created.ok) return created;
      info = await this.#calls.info(collection);
    }
    if (!info.ok) return info;

    const { payload_schema: known, config } = info.value;
    for (const [field, schema] of Object.entries(indexes(this.#placement))) {
      if (known[field] !== undefined) continue;
      const added = await this.#calls.addIndex(collection, field, schema);
      if (!added.ok) return added;
    }
    if (!hasVector(config, ref)) {
      const added = await this.#calls.addVector(collection, denseName(ref), ref.embedding.dimensions);
      if (!added.ok) {
        // Another may have been first: what counts is that it is there.
        const again = await this.#calls.info(collection);
        if (!again.ok || !hasVector(again.value.config, ref)) return added;
      }
    }
    return this.#named(ref, collection);
  }

  async #create(ref: ContextRef, collection: string): Promise<Answer<void>> {
    const version = await this.#calls.version();
    if (!version.ok) return version;
    // Before 1.19 how rare a word is counts over all tenants: one would read in its scores what another keeps.
    if (this.#placement === "shared" && !saysMemory(version.value))
      return { ok: false, refusal: { kind: "unavailable", detail: "Shared placement needs Qdrant 1.19 or newer" } };
    const created = await this.#calls.create(collection, described(ref, this.#placement, version.value));
    return created.ok || created.refusal.kind === "exists" ? ok(undefined) : created;
  }

  /** Shared points are reached by the alias. A dedicated one is for people, who look for the agent's own name. */
  async #named(ref: ContextRef, collection: string): Promise<Answer<void>> {
    const wanted = this.#placement === "shared" ? SHARED_ALIAS : ref.collection;
    const known = await this.#calls.aliasesOf(collection);
    if (!known.ok) return this.#placement === "shared" ? known : ok(undefined);
    if (known.value.includes(wanted) && (this.#placement === "shared" || known.value.length === 1))
      return ok(undefined);
    const stale = this.#placement === "shared" ? [] : known.value.filter((alias) => alias !== wanted);
    const changed = await this.#calls.changeAliases([
      ...stale.map((alias_name) => ({ delete_alias: { alias_name } })),
      { create_alias: { collection_name: collection, alias_name: wanted } },
    ]);
    return changed.ok || this.#placement === "dedicated" ? ok(undefined) : changed;
  }
}
