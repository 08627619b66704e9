// Contexts in Qdrant, behind the port. What is written is made sure to have a place first; what is read of a collection that is
// not there is empty. Both halves of a search come in one request and are fused by us, as the embedded store fuses them.
import { candidatesFor, fuse } from "#domain/context/fuse.ts";
import { itemsFault, MOST_HITS, vectorFault } from "#domain/context/limits.ts";
import type { ContextHit, ContextItem, ContextRef, ContextStore, NewContextItem } from "#domain/context/port.ts";
import { sparseQueryOf } from "#domain/context/sparse.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import { type Answer, type Fault, type Point, qdrantCalls, type Search } from "./qdrant-calls.ts";
import { QdrantCollections } from "./qdrant-collection.ts";
import { allOf, among, fitting, having, lacking, type OwnFilter } from "./qdrant-filter.ts";
import { addressOf, dedicatedCollection, denseName, isUuid, LEX, pointOf } from "./qdrant-names.ts";
import { itemFrom, pointFrom, sentVector } from "./qdrant-points.ts";
import { QdrantRemovals } from "./qdrant-removals.ts";
import type { QdrantSettings } from "./settings.ts";

/** Points in one request: a hundred of 1,536 dimensions are about two megabytes. */
const BATCH = 100;
const PAGE = 1_000;

const refused = (fault: Fault): Result<never> =>
  refuse("context_unavailable", fault.kind === "unavailable" ? fault.detail : `Qdrant: ${fault.kind}`);

const batches = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size));

/** What is not there is empty; what went wrong is a refusal. */
const orEmpty = <T>(answer: Answer<T>, empty: T): Result<T> =>
  answer.ok ? answer : answer.refusal.kind === "no_collection" ? ok(empty) : refused(answer.refusal);

const itemsOf = (points: readonly { readonly payload?: unknown }[]): ContextItem[] =>
  points.flatMap(({ payload }) => itemFrom(payload) ?? []);

/** A store in Qdrant also gives vectors back, for what moves elsewhere. */
export interface QdrantContexts extends ContextStore {
  /** The vectors of these items that have one of the ref's embedding model, by the items' ids. */
  vectorsOf(ref: ContextRef, ids: readonly string[]): Promise<Result<ReadonlyMap<string, Float32Array>>>;
}

/** Contexts kept in a Qdrant server. */
export const qdrantContexts = (settings: QdrantSettings, deadlineMs?: number): QdrantContexts => {
  const { placement } = settings;
  const calls = qdrantCalls(settings, deadlineMs);
  const collections = new QdrantCollections(calls, placement);
  const removals = new QdrantRemovals(calls, placement);
  const at = (ref: ContextRef): string => addressOf(ref, placement);
  const pointsOf = (ref: ContextRef, ids: readonly string[]): string[] =>
    ids.flatMap((id) => pointOf(ref, id, placement) ?? []);

  /** Writes where there is a place; where the place went meanwhile, makes it and writes once more. */
  const written = async <T>(ref: ContextRef, write: () => Promise<Answer<T>>): Promise<Answer<T>> => {
    for (let tries = 0; ; tries += 1) {
      const ready = await collections.ready(ref);
      if (!ready.ok) return ready;
      const answer = await write();
      if (answer.ok || tries > 0 || !["no_collection", "no_index", "no_vector"].includes(answer.refusal.kind))
        return answer;
      collections.forget(ref);
    }
  };

  /** All points that fit, page by page. */
  const scrolled = async (ref: ContextRef, filter: OwnFilter, vectors: readonly string[] = []) => {
    const with_vector = vectors.length === 0 ? {} : { with_vector: [...vectors] };
    return orEmpty(await calls.scroll(at(ref), filter, { limit: PAGE, ...with_vector }), { points: [], next: null });
  };

  const halvesOf = async (ref: ContextRef, dense: Search | null, lex: Search | null) => {
    const searches = [dense, lex].filter((search) => search !== null);
    if (searches.length === 0) return ok({ dense: null, lex: null });
    const answer = await calls.search(at(ref), searches);
    // The items are still to be embedded by this model: words alone find them.
    if (!answer.ok && answer.refusal.kind === "no_vector" && dense !== null) {
      const again = lex === null ? ok([]) : await calls.search(at(ref), [lex]);
      return again.ok ? ok({ dense: [], lex: lex === null ? null : (again.value[0] ?? []) }) : again;
    }
    if (!answer.ok) return answer;
    const found = [...answer.value];
    return ok({
      dense: dense === null ? null : (found.shift() ?? []),
      lex: lex === null ? null : (found.shift() ?? []),
    });
  };

  return {
    backend: "qdrant",

    async put(ref, items) {
      const wrong = itemsFault(ref, items);
      if (wrong !== null) return { ok: false, refusal: wrong };
      const points = new Map<string, Point>();
      for (const item of items satisfies readonly NewContextItem[]) {
        const point = pointOf(ref, item.id, placement);
        if (point === null) return refuse("invalid_request", "An item's id must be a UUID");
        points.set(point, pointFrom(ref, point, item));
      }
      for (const batch of batches([...points.values()], BATCH)) {
        const answer = await written(ref, () => calls.upsert(at(ref), batch, allOf(ref)));
        if (!answer.ok) return refused(answer.refusal);
      }
      return ok({ stored: items.length });
    },

    async search(ref, { text, vector, topK, filter, seen }) {
      const wrong = vectorFault(ref, [vector]);
      if (wrong !== null) return { ok: false, refusal: wrong };
      // Qdrant takes an empty list of tags for no condition at all.
      if (filter.tags?.length === 0) return ok([]);
      const shared = {
        filter: fitting(ref, filter, seen),
        limit: candidatesFor(Math.min(topK, MOST_HITS)),
        with_payload: true,
      };
      const words = sparseQueryOf(text);
      const corpus = { must: allOf(ref).must } as const;
      const halves = await halvesOf(
        ref,
        vector === null
          ? null
          : {
              ...shared,
              query: sentVector(vector),
              using: denseName(ref),
              params: { quantization: { rescore: true, oversampling: 2 } },
            },
        words === null
          ? null
          : { ...shared, query: { ...words }, using: LEX, params: { idf: { corpus: { must: [...corpus.must] } } } },
      );
      if (!halves.ok) return halves.refusal.kind === "no_collection" ? ok([]) : refused(halves.refusal);
      const { dense, lex } = halves.value;
      const items = new Map(itemsOf([...(dense ?? []), ...(lex ?? [])]).map((item) => [item.id, item]));
      const near = dense?.flatMap(({ payload, score }) => {
        const item = itemFrom(payload);
        return item === null ? [] : [{ id: item.id, similarity: Math.max(-1, Math.min(1, score)) }];
      });
      const worded = lex?.flatMap(({ payload }) => itemFrom(payload)?.id ?? []);
      return ok(
        fuse(near ?? null, worded ?? null, topK).flatMap(({ id, ...found }): ContextHit[] => {
          const item = items.get(id);
          return item === undefined ? [] : [{ item, ...found }];
        }),
      );
    },

    async get(ref, ids) {
      const items = new Map<string, ContextItem>();
      for (const batch of batches(pointsOf(ref, ids), PAGE)) {
        const page = await scrolled(ref, among(ref, batch));
        if (!page.ok) return page;
        for (const item of itemsOf(page.value.points)) items.set(item.id, item);
      }
      return ok(ids.flatMap((id) => items.get(id) ?? []));
    },

    async list(ref, filter, after, limit) {
      if (filter.tags?.length === 0) return ok({ items: [], next: null });
      if (after !== null && !isUuid(after)) return refuse("invalid_request", "The cursor is not one of this list");
      const page = await calls.scroll(at(ref), fitting(ref, filter), {
        limit: Math.min(limit, PAGE),
        ...(after === null ? {} : { offset: after }),
      });
      const read = orEmpty(page, { points: [], next: null });
      return read.ok ? ok({ items: itemsOf(read.value.points), next: read.value.next }) : read;
    },

    async remove(ref, which) {
      if ("filter" in which) {
        if (which.filter.tags?.length === 0) return ok({ removed: 0 });
        return removed(await removals.fitting(ref, fitting(ref, which.filter)));
      }
      let gone = 0;
      for (const batch of batches(pointsOf(ref, which.ids), PAGE)) {
        const answer = removed(await removals.fitting(ref, among(ref, batch)));
        if (!answer.ok) return answer;
        gone += answer.value.removed;
      }
      return ok({ removed: gone });
    },

    async clear(ref) {
      const answer = removed(await removals.everything(ref));
      collections.forget(ref);
      return answer;
    },

    async stats(ref) {
      const counted = await Promise.all([
        calls.count(at(ref), allOf(ref)),
        calls.count(at(ref), fitting(ref, { kind: "document" })),
        calls.count(at(ref), having(ref, denseName(ref))),
      ]);
      const counts: number[] = [];
      for (const answer of counted) {
        const read = orEmpty(answer, 0);
        if (!read.ok) return read;
        counts.push(read.value);
      }
      const [items = 0, documents = 0, vectors = 0] = counts;
      // Of a shared collection it would tell what the others do.
      const info = placement === "dedicated" ? await calls.info(dedicatedCollection(ref)) : null;
      return ok({
        backend: "qdrant",
        collection: ref.collection,
        items,
        vectors,
        interactions: items - documents,
        documents,
        bytes: null,
        pending: items - vectors,
        building: info?.ok === true && info.value.status !== "green",
        embedding: ref.embedding,
      });
    },

    async unembedded(ref, limit) {
      const page = await calls.scroll(at(ref), lacking(ref, denseName(ref)), { limit: Math.min(limit, PAGE) });
      const read = orEmpty(page, { points: [], next: null });
      return read.ok ? ok(itemsOf(read.value.points)) : read;
    },

    async setVectors(ref, vectors) {
      const wrong = vectorFault(
        ref,
        vectors.map(({ vector }) => vector),
      );
      if (wrong !== null) return { ok: false, refusal: wrong };
      const sent = new Map(
        vectors.flatMap(({ id, vector }) => {
          const point = pointOf(ref, id, placement);
          return point === null ? [] : [[point, { [denseName(ref)]: sentVector(vector) }] as const];
        }),
      );
      let stored = 0;
      for (const batch of batches([...sent.keys()], BATCH)) {
        const answer = await embedded(ref, batch, sent);
        if (!answer.ok) return answer;
        stored += answer.value;
      }
      return ok({ stored });
    },

    async vectorsOf(ref, ids) {
      const vectors = new Map<string, Float32Array>();
      for (const batch of batches(pointsOf(ref, ids), BATCH)) {
        const page = await scrolled(ref, among(ref, batch), [denseName(ref)]);
        if (!page.ok) return page;
        for (const { payload, vector } of page.value.points) {
          const item = itemFrom(payload);
          const dense = denseOf(vector, denseName(ref));
          if (item !== null && dense !== null) vectors.set(item.id, dense);
        }
      }
      return ok(vectors);
    },
  };

  /** Gives points their vectors, those that are there; one that goes meanwhile does not keep the others from theirs. */
  async function embedded(
    ref: ContextRef,
    points: readonly string[],
    sent: ReadonlyMap<string, Record<string, number[]>>,
  ): Promise<Result<number>> {
    for (let tries = 0; ; tries += 1) {
      const there = orEmpty(await calls.scroll(at(ref), among(ref, points), { limit: PAGE, bare: true }), {
        points: [],
        next: null,
      });
      if (!there.ok) return there;
      const known = there.value.points.flatMap(({ id }) => {
        const vector = sent.get(String(id));
        return vector === undefined ? [] : [{ id, vector }];
      });
      if (known.length === 0) return ok(0);
      const answer = await written(ref, () => calls.setVectors(at(ref), known, allOf(ref)));
      if (answer.ok) return ok(known.length);
      if (answer.refusal.kind !== "no_point" || tries > 2) return refused(answer.refusal);
    }
  }
};

const removed = (answer: Answer<number>): Result<{ removed: number }> => {
  const read = orEmpty(answer, 0);
  return read.ok ? ok({ removed: read.value }) : read;
};

const denseOf = (vector: unknown, name: string): Float32Array | null => {
  if (typeof vector !== "object" || vector === null) return null;
  const dense: unknown = Reflect.get(vector, name);
  return Array.isArray(dense) ? Float32Array.from(dense, Number) : null;
};
