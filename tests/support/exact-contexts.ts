// Contexts kept in memory and searched exactly: the oracle the stores are measured against, and the hand of simulations. Every
// owner has a map of their own, so that nothing can be reached through another's ref.
import { fits } from "#domain/context/fits.ts";
import { fuse } from "#domain/context/fuse.ts";
import { itemsFault, vectorFault } from "#domain/context/limits.ts";
import type { ContextFilter, ContextItem, ContextRef, ContextStore, NewContextItem } from "#domain/context/port.ts";
import { termsOf } from "#domain/context/words.ts";
import { ok } from "#schema/result.ts";

interface Kept {
  readonly item: ContextItem;
  /** Its vectors by what they were made with. */
  readonly vectors: ReadonlyMap<string, Float32Array>;
}

const cosine = (a: Float32Array, b: Float32Array): number => {
  let [dot, aa, bb] = [0, 0, 0];
  for (let at = 0; at < a.length; at += 1) {
    const [x, y] = [a[at] ?? 0, b[at] ?? 0];
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa === 0 || bb === 0 ? 0 : dot / Math.sqrt(aa * bb);
};

/** BM25 over the terms of these items; those without any term of the text are left out. */
const byWords = (items: readonly ContextItem[], text: string): string[] => {
  const asked = new Set(termsOf(text));
  const told = items.map((item) => ({ id: item.id, terms: termsOf(`${item.title}\n${item.text}`) }));
  const average = told.reduce((sum, { terms }) => sum + terms.length, 0) / Math.max(1, told.length);
  const holders = new Map<string, number>();
  for (const { terms } of told)
    for (const term of new Set(terms)) if (asked.has(term)) holders.set(term, (holders.get(term) ?? 0) + 1);
  const scored = told.map(({ id, terms }) => {
    let score = 0;
    for (const [term, df] of holders) {
      const tf = terms.filter((one) => one === term).length;
      const idf = Math.log((told.length - df + 0.5) / (df + 0.5) + 1);
      score += (idf * tf * 2.2) / (tf + 1.2 * (0.25 + (0.75 * terms.length) / average));
    }
    return { id, score };
  });
  return scored
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
    .map(({ id }) => id);
};

/** Makes an empty store. */
export const exactContexts = (backend: ContextStore["backend"] = "embedded"): ContextStore => {
  const owners = new Map<string, Map<string, Kept>>();
  const of = (ref: ContextRef): Map<string, Kept> => {
    const owner = `${ref.userId}/${ref.projectId}/${ref.agentId}`;
    const known = owners.get(owner) ?? new Map<string, Kept>();
    owners.set(owner, known);
    return known;
  };
  const modelOf = ({ embedding }: ContextRef): string => `${embedding.model}/${embedding.dimensions}`;
  const itemsOf = (ref: ContextRef, filter: ContextFilter): ContextItem[] =>
    [...of(ref).values()].map(({ item }) => item).filter((item) => fits(item, filter));
  const drop = (ref: ContextRef, ids: readonly string[]): { removed: number } => ({
    removed: ids.filter((id) => of(ref).delete(id)).length,
  });
  const waiting = (ref: ContextRef): ContextItem[] =>
    [...of(ref).values()].filter(({ vectors }) => !vectors.has(modelOf(ref))).map(({ item }) => item);

  return {
    backend,
    async put(ref, items) {
      const wrong = itemsFault(ref, items);
      if (wrong !== null) return { ok: false, refusal: wrong };
      for (const { vector, ...item } of items satisfies readonly NewContextItem[]) {
        const vectors = new Map(vector === null ? [] : [[modelOf(ref), Float32Array.from(vector)]]);
        of(ref).set(item.id, { item: structuredClone(item), vectors });
      }
      return ok({ stored: items.length });
    },

    async search(ref, { text, vector, topK, filter, seen = [] }) {
      const wrong = vectorFault(ref, [vector]);
      if (wrong !== null) return { ok: false, refusal: wrong };
      const items = itemsOf(ref, filter).filter(
        ({ source }) => source.kind !== "interaction" || !seen.includes(source.run_id),
      );
      const near = (asked: Float32Array) =>
        items
          .flatMap(({ id }) => {
            const kept = of(ref).get(id)?.vectors.get(modelOf(ref));
            return kept === undefined ? [] : [{ id, similarity: cosine(asked, kept) }];
          })
          .sort((a, b) => b.similarity - a.similarity);
      const words = byWords(items, text);
      const fused = fuse(vector === null ? null : near(vector), termsOf(text).length === 0 ? null : words, topK);
      return ok(
        fused.flatMap(({ id, ...found }) => {
          const kept = of(ref).get(id);
          return kept === undefined ? [] : [{ item: structuredClone(kept.item), ...found }];
        }),
      );
    },

    async get(ref, ids) {
      return ok(ids.flatMap((id) => of(ref).get(id)?.item ?? []).map((item) => structuredClone(item)));
    },

    async list(ref, filter, after, limit) {
      const sorted = itemsOf(ref, filter).sort((a, b) => (a.id < b.id ? -1 : 1));
      const rest = sorted.filter(({ id }) => after === null || id > after);
      const items = rest.slice(0, limit).map((item) => structuredClone(item));
      return ok({ items, next: rest.length > limit ? (items.at(-1)?.id ?? null) : null });
    },

    async remove(ref, which) {
      return ok(drop(ref, "ids" in which ? which.ids : itemsOf(ref, which.filter).map(({ id }) => id)));
    },

    async clear(ref) {
      return ok(drop(ref, [...of(ref).keys()]));
    },

    async stats(ref) {
      const [items, pending] = [of(ref).size, waiting(ref).length];
      return ok({
        backend,
        collection: ref.collection,
        items,
        vectors: items - pending,
        interactions: itemsOf(ref, { kind: "interaction" }).length,
        documents: itemsOf(ref, { kind: "document" }).length,
        bytes: null,
        pending,
        building: false,
        embedding: ref.embedding,
      });
    },

    async unembedded(ref, limit) {
      return ok(waiting(ref).slice(0, limit));
    },

    async setVectors(ref, vectors) {
      const wrong = vectorFault(
        ref,
        vectors.map(({ vector }) => vector),
      );
      if (wrong !== null) return { ok: false, refusal: wrong };
      let stored = 0;
      for (const { id, vector } of vectors) {
        const kept = of(ref).get(id);
        if (kept === undefined) continue;
        of(ref).set(id, { ...kept, vectors: new Map([[modelOf(ref), Float32Array.from(vector)]]) });
        stored += 1;
      }
      return ok({ stored });
    },
  };
};
