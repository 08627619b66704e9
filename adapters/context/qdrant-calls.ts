// The calls we make of Qdrant, with what may go wrong as values. Points are reached through an owner's filter only. Nothing of
// a request is repeated in a fault: the client's own messages would carry texts and keys.
import { QdrantClient, type Schemas } from "@qdrant/js-client-rest";
import { z } from "zod";
import { ok, type Result } from "#schema/result.ts";
import type { OwnFilter } from "./qdrant-filter.ts";
import type { QdrantSettings } from "./settings.ts";

/** Why a call had no answer, as far as something can be done about it. */
export type Fault =
  | { readonly kind: "no_collection" | "no_index" | "no_vector" | "no_point" | "exists" }
  | { readonly kind: "unavailable"; readonly detail: string };

/** What a call comes to. */
export type Answer<T> = Result<T, Fault>;

/** One point on its way in. */
export type Point = Schemas["PointStruct"];
/** One search of a batch; its filter is the owner's. */
export type Search = Omit<Schemas["QueryRequest"], "filter"> & { readonly filter: OwnFilter };

const DEADLINE_MS = 10_000;

const Failed = z.object({
  status: z.number(),
  data: z
    .object({ status: z.object({ error: z.string() }) })
    .optional()
    .catch(undefined),
});

const FAULTS: readonly [RegExp, Exclude<Fault["kind"], "unavailable">][] = [
  [/collection `?.*`? doesn'?t exist/i, "no_collection"],
  [/collection `?.*`? already exists/i, "exists"],
  [/index required but not found/i, "no_index"],
  [/not existing vector name/i, "no_vector"],
  [/no point with id/i, "no_point"],
];

const faultOf = (error: unknown): Fault => {
  const failed = Failed.safeParse(error);
  if (failed.success) {
    const said = failed.data.data?.status.error ?? "";
    const known = FAULTS.find(([pattern]) => pattern.test(said));
    if (known !== undefined) return { kind: known[1] };
    return { kind: "unavailable", detail: `Qdrant answered ${failed.data.status}` };
  }
  const name = error instanceof Error ? error.name : "";
  if (name === "QdrantClientTimeoutError") return { kind: "unavailable", detail: "Qdrant did not answer in time" };
  if (name === "QdrantClientResourceExhaustedError") return { kind: "unavailable", detail: "Qdrant answered 429" };
  return { kind: "unavailable", detail: "Qdrant cannot be reached" };
};

/** Performs a call and turns what it throws into a fault. */
const asked = async <T>(call: () => Promise<T>): Promise<Answer<T>> => {
  try {
    return ok(await call());
  } catch (error) {
    return { ok: false, refusal: faultOf(error) };
  }
};

/** A page of points, and the id the next begins with. */
export interface Scrolled {
  readonly points: readonly Schemas["Record"][];
  readonly next: string | null;
}

/** Makes the calls of one server. */
export const qdrantCalls = ({ url, apiKey }: QdrantSettings, deadlineMs: number = DEADLINE_MS) => {
  const { origin, pathname, port, protocol } = new URL(url);
  const client = new QdrantClient({
    url: origin,
    // Behind a proxy on a standard port the address says none; Qdrant's own is another.
    port: port !== "" ? Number(port) : protocol === "https:" ? 443 : 80,
    prefix: pathname.replace(/\/+$/, ""),
    timeout: deadlineMs,
    checkCompatibility: false,
    // Not by the client's own option: it would write to the console where the address is plain http.
    ...(apiKey === null ? {} : { headers: { "api-key": apiKey } }),
  });
  // Our types are narrower (read-only, never null); the client's are made from a document that lets anything pass.
  const filterOf = (filter: OwnFilter): Schemas["Filter"] => ({ ...filter }) as unknown as Schemas["Filter"];

  return {
    version: () => asked(async () => (await client.versionInfo()).version),
    info: (collection: string) => asked(() => client.getCollection(collection)),
    create: (collection: string, parts: Schemas["CreateCollection"]) =>
      asked(() => client.createCollection(collection, parts)),
    drop: (collection: string) => asked(() => client.deleteCollection(collection)),
    addIndex: (collection: string, field: string, schema: Schemas["PayloadFieldSchema"]) =>
      asked(() => client.createPayloadIndex(collection, { wait: true, field_name: field, field_schema: schema })),
    addVector: (collection: string, vector: string, size: number) =>
      asked(() => client.createVectorName(collection, vector, { dense: { size, distance: "Cosine" } }, { wait: true })),
    aliasesOf: (collection: string) =>
      asked(async () => (await client.getCollectionAliases(collection)).aliases.map(({ alias_name }) => alias_name)),
    changeAliases: (actions: Schemas["AliasOperations"][]) => asked(() => client.updateCollectionAliases({ actions })),

    /** Points that are there are replaced only where they are the owner's. */
    upsert: (collection: string, points: Point[], owner: OwnFilter) =>
      asked(() => client.upsert(collection, { wait: true, points, update_filter: filterOf(owner) })),
    setVectors: (collection: string, points: Schemas["PointVectors"][], owner: OwnFilter) =>
      asked(() =>
        client.batchUpdate(collection, {
          wait: true,
          operations: [{ update_vectors: { points, update_filter: filterOf(owner) } }],
        }),
      ),
    remove: (collection: string, filter: OwnFilter) =>
      asked(() => client.delete(collection, { wait: true, filter: filterOf(filter) })),
    count: (collection: string, filter: OwnFilter) =>
      asked(async () => (await client.count(collection, { filter: filterOf(filter), exact: true })).count),
    scroll: (
      collection: string,
      filter: OwnFilter,
      page: {
        limit: number;
        offset?: string | number;
        with_vector?: string[];
        bare?: true;
      },
    ): Promise<Answer<Scrolled>> =>
      asked(async () => {
        const { bare, ...rest } = page;
        const { points, next_page_offset: next } = await client.scroll(collection, {
          ...rest,
          filter: filterOf(filter),
          with_payload: bare !== true,
        });
        return { points, next: typeof next === "string" || typeof next === "number" ? String(next) : null };
      }),
    search: (collection: string, searches: readonly Search[]) =>
      asked(async () => {
        const sent = searches.map(({ filter, ...search }) => ({ ...search, filter: filterOf(filter) }));
        return (await client.queryBatch(collection, { searches: sent })).map(({ points }) => points);
      }),
  };
};

/** The calls, as a value to hand on. */
export type QdrantCalls = ReturnType<typeof qdrantCalls>;
