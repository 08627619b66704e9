// The Qdrant hand over a double that holds every request against Qdrant's own document: the contract of contexts in both
// placements, and what only this hand can get wrong.
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { qdrantContexts } from "#adapters/context/qdrant.ts";
import type { QdrantPlacement } from "#adapters/context/settings.ts";
import type { ContextRef, ContextStore } from "#domain/context/port.ts";
import { pruneContext } from "#domain/context/prune.ts";
import type { Result } from "#schema/result.ts";
import type { AskedOfQdrant } from "#tests/doubles/qdrant.ts";
import { qdrantContract } from "#tests/doubles/qdrant-contract.ts";
import { type QdrantServer, startQdrant } from "#tests/doubles/qdrant-server.ts";
import { direction, interaction, piece, refOf } from "#tests/support/context-items.ts";
import { contextStoreContract } from "./context-store.contract.ts";

const KEY = "qdrant-key-1";
const PLACEMENTS: readonly QdrantPlacement[] = ["dedicated", "shared"];
let server: QdrantServer;

beforeAll(async () => {
  server = await startQdrant(KEY);
});
afterAll(() => server.close());

const storeIn = (placement: QdrantPlacement, deadlineMs?: number) =>
  qdrantContexts({ url: server.url, apiKey: KEY, placement, active: true }, deadlineMs);
const got = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.refusal)}`);
  return result.value;
};
const allFit = (): void => {
  expect(server.double.problems.splice(0)).toEqual([]);
  server.double.asked.length = 0;
};

for (const placement of PLACEMENTS)
  contextStoreContract(`Qdrant, ${placement}`, async () => ({
    store: storeIn(placement),
    close: async () => allFit(),
  }));

describe("every request about points", () => {
  const tenantOf = ({ userId, projectId, agentId }: ContextRef) => `${userId}/${projectId}/${agentId}`;
  const tenants = (value: unknown): string[] => {
    const text = JSON.stringify(value) ?? "";
    return [...text.matchAll(/\{"key":"tenant","match":\{"value":"([^"]+)"\}\}/g)].map(([, tenant = ""]) => tenant);
  };
  const at = (value: unknown, ...path: string[]): unknown =>
    path.reduce<unknown>(
      (inner, key) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : null),
      value,
    );
  const each = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

  /** The filters a request must have, by what it is. */
  const filtersOf = ({ path, body }: AskedOfQdrant): unknown[] => {
    if (path.endsWith("/query/batch"))
      return each(at(body, "searches")).flatMap((search) =>
        at(search, "using") === "lex"
          ? [at(search, "filter"), at(search, "params", "idf", "corpus")]
          : [at(search, "filter")],
      );
    if (path.endsWith("/points/batch"))
      return each(at(body, "operations")).map((operation) => at(operation, "update_vectors", "update_filter"));
    if (path.endsWith("/points")) return [at(body, "update_filter")];
    return [at(body, "filter")];
  };

  const filter = fc.record(
    {
      kind: fc.constantFrom("interaction" as const, "document" as const),
      success: fc.boolean(),
      since: fc.integer(),
      until: fc.integer(),
      tags: fc.array(fc.constantFrom("a", "b", '"}', "tenant"), { maxLength: 3 }),
      document_id: fc.constantFrom("doc_1", "another"),
      run_id: fc.constantFrom("run_1", "another"),
    },
    { requiredKeys: [] },
  );
  const id = fc.constantFrom(...Array.from({ length: 6 }, () => crypto.randomUUID()), "not an id");
  const vector = fc.option(fc.integer({ min: 1, max: 9 }).map((seed) => direction(seed)));
  type Step = (store: ContextStore, ref: ContextRef) => Promise<Result<unknown>>;
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.tuple(fc.uniqueArray(fc.uuid(), { maxLength: 3 }), vector).map(
      ([ids, made]): Step =>
        (store, ref) =>
          store.put(
            ref,
            ids.map((one) => piece({ id: one, vector: made })),
          ),
    ),
    fc.tuple(fc.constantFrom("vault", "", "?"), vector, filter, fc.integer({ min: 1, max: 100 })).map(
      ([text, made, narrowed, topK]): Step =>
        (store, ref) =>
          store.search(ref, { text, vector: made, topK, filter: narrowed }),
    ),
    fc.array(id, { maxLength: 4 }).map(
      (ids): Step =>
        (store, ref) =>
          store.get(ref, ids),
    ),
    filter.map(
      (narrowed): Step =>
        (store, ref) =>
          store.list(ref, narrowed, null, 7),
    ),
    fc.array(id, { maxLength: 4 }).map(
      (ids): Step =>
        (store, ref) =>
          store.remove(ref, { ids }),
    ),
    filter.map(
      (narrowed): Step =>
        (store, ref) =>
          store.remove(ref, { filter: narrowed }),
    ),
    fc
      .record(
        { before: fc.integer(), kind: fc.constant("document" as const), maxCount: fc.nat(3) },
        { requiredKeys: [] },
      )
      .map(
        (rule): Step =>
          (store, ref) =>
            pruneContext(store, ref, rule),
      ),
    fc.constant<Step>((store, ref) => store.clear(ref)),
    fc.constant<Step>((store, ref) => store.stats(ref)),
    fc.constant<Step>((store, ref) => store.unembedded(ref, 5)),
    fc.array(id, { maxLength: 4 }).map(
      (ids): Step =>
        (store, ref) =>
          store.setVectors(
            ref,
            ids.map((one) => ({ id: one, vector: direction(1) })),
          ),
    ),
  );

  test.each(PLACEMENTS)("carries whose they are, in every sequence of calls (%s)", async (placement) => {
    const refs = [refOf(), refOf()] as const;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(1), step), { minLength: 1, maxLength: 8 }), async (steps) => {
        const store = storeIn(placement);
        for (const [who, perform] of steps) {
          const ref = refs[who] ?? refs[0];
          server.double.asked.length = 0;
          got(await perform(store, ref));
          for (const asked of server.double.asked.filter(({ path }) => /\/points/.test(path))) {
            for (const one of filtersOf(asked)) {
              // The owner's condition stands in the filter's own `must`, not somewhere inside of it.
              expect(JSON.stringify(each(at(one, "must"))[0])).toBe(
                `{"key":"tenant","match":{"value":"${tenantOf(ref)}"}}`,
              );
              expect(new Set(tenants(one))).toEqual(new Set([tenantOf(ref)]));
            }
            for (const point of each(at(asked.body, "points")))
              if (typeof point === "object") expect(at(point, "payload", "tenant")).toBe(tenantOf(ref));
          }
          if (placement === "dedicated")
            for (const { path } of server.double.asked)
              if (path !== "/" && path !== "/collections/aliases") expect(path).toContain(ref.agentId);
        }
        allFit();
      }),
      { numRuns: 80 },
    );
  });
});

describe("a collection", () => {
  afterEach(allFit);

  test("of an agent is its own, for a million vectors, and people find it by the context's name", async () => {
    const ref = refOf({ name: "Librarian" });
    got(await storeIn("dedicated").put(ref, [piece({ vector: direction(1) })]));
    const name = server.double.collections.find((one) => one.includes(ref.agentId)) ?? "";
    expect(server.double.aliases[ref.collection]).toBe(name);
    const { made, indexes } = server.double.describe(name);
    expect(made).toMatchObject({
      sparse_vectors: { lex: { modifier: "idf", index: { memory: "cached" } } },
      quantization_config: { turbo: { bits: "bits4", memory: "pinned" } },
      hnsw_config: { memory: "cached" },
      payload: { memory: "cold" },
      strict_mode_config: { enabled: true, unindexed_filtering_retrieve: false, unindexed_filtering_update: false },
    });
    expect(Object.values(made.vectors as object)).toEqual([{ size: 64, distance: "Cosine", memory: "cold" }]);
    expect(indexes).toEqual({
      at: "integer",
      document_id: "keyword",
      kind: "keyword",
      run_id: "keyword",
      success: "bool",
      tags: "keyword",
      tenant: "keyword",
    });
  });

  test("of all is one, with a graph for each tenant", async () => {
    const [one, other] = [refOf(), refOf()];
    for (const ref of [one, other]) got(await storeIn("shared").put(ref, [piece({ vector: direction(1) })]));
    expect(server.double.collections.filter((name) => name.startsWith("retinue_contexts"))).toEqual([
      "retinue_contexts_v1",
    ]);
    expect(server.double.aliases.retinue_contexts).toBe("retinue_contexts_v1");
    expect(server.double.describe("retinue_contexts").made.hnsw_config).toMatchObject({ m: 0, payload_m: 16 });
    for (const { path } of server.double.asked.filter(({ path }) => path.includes("/points")))
      expect(path).toMatch(/^\/collections\/retinue_contexts\/points/);
  });

  test("of a renamed agent keeps its items, and is found by the new name", async () => {
    const ref = refOf({ name: "Librarian" });
    const item = piece({ vector: direction(1) });
    got(await storeIn("dedicated").put(ref, [item]));
    const renamed = { ...ref, collection: `${ref.collection.replace("Librarian", "Keeper")}` };
    const store = storeIn("dedicated");
    got(await store.put(renamed, [piece()]));
    expect(got(await store.stats(renamed)).items).toBe(2);
    expect(server.double.aliases).toMatchObject({ [renamed.collection]: expect.stringContaining(ref.agentId) });
    expect(server.double.aliases[ref.collection]).toBeUndefined();
  });

  test("of an agent goes when its context is cleared, and its name with it", async () => {
    const ref = refOf();
    const store = storeIn("dedicated");
    got(await store.put(ref, [piece()]));
    got(await store.clear(ref));
    expect(server.double.collections.filter((name) => name.includes(ref.agentId))).toEqual([]);
    expect(server.double.aliases[ref.collection]).toBeUndefined();
  });

  test.each(PLACEMENTS)("is made once by many who write first at the same moment (%s)", async (placement) => {
    const ref = refOf();
    const writers = Array.from({ length: 6 }, () => storeIn(placement));
    const answers = await Promise.all(writers.map((store) => store.put(ref, [piece({ vector: direction(1) })])));
    expect(answers.map((answer) => answer.ok)).toEqual(Array.from({ length: 6 }, () => true));
    expect(got(await storeIn(placement).stats(ref)).items).toBe(6);
  });

  test("that another process dropped is made again by the next who writes", async () => {
    const ref = refOf();
    const store = storeIn("dedicated");
    got(await store.put(ref, [piece()]));
    got(await storeIn("dedicated").clear(ref));
    got(await store.put(ref, [piece(), piece()]));
    expect(got(await store.stats(ref)).items).toBe(2);
  });

  test("of an older server is described with the flags it knows, and is never shared", async () => {
    const old = await startQdrant();
    old.double.version = "1.18.2";
    const ref = refOf();
    got(await qdrantContexts({ url: old.url, apiKey: null, placement: "dedicated", active: true }).put(ref, [piece()]));
    const { made } = old.double.describe(old.double.collections[0] ?? "");
    expect(JSON.stringify(made)).not.toContain("memory");
    expect(made).toMatchObject({ on_disk_payload: true, quantization_config: { scalar: { always_ram: true } } });
    const shared = qdrantContexts({ url: old.url, apiKey: null, placement: "shared", active: true });
    expect(await shared.put(ref, [piece()])).toMatchObject({
      refusal: { code: "context_unavailable", detail: expect.stringContaining("1.19") },
    });
    expect(old.double.problems).toEqual([]);
    await old.close();
  });

  test("has a vector for each embedding model, and says while it is being built", async () => {
    const ref = refOf();
    const store = storeIn("dedicated");
    got(await store.put(ref, [piece({ vector: direction(1) })]));
    const other = { ...ref, embedding: { model: "another", dimensions: 32 } };
    got(await store.put(other, [piece({ vector: direction(1, 32) })]));
    const name = server.double.collections.find((one) => one.includes(ref.agentId)) ?? "";
    expect(server.double.describe(name).dense).toHaveLength(2);
    expect(got(await store.stats(other))).toMatchObject({ items: 2, vectors: 1, pending: 1, building: false });
    server.double.status = "yellow";
    expect(got(await store.stats(other)).building).toBe(true);
    server.double.status = "green";
  });
});

describe("where Qdrant fails", () => {
  const ref = refOf();
  const word = { text: "vault", vector: direction(1), topK: 3, filter: {} };
  const calls: readonly [string, (store: ContextStore) => Promise<Result<unknown>>][] = [
    ["put", (store) => store.put(ref, [interaction({ text: "the vault", vector: direction(1) })])],
    ["search", (store) => store.search(ref, word)],
    ["get", (store) => store.get(ref, [crypto.randomUUID()])],
    ["list", (store) => store.list(ref, {}, null, 5)],
    ["remove", (store) => store.remove(ref, { filter: {} })],
    ["clear", (store) => store.clear(ref)],
    ["stats", (store) => store.stats(ref)],
    ["unembedded", (store) => store.unembedded(ref, 5)],
    ["setVectors", (store) => store.setVectors(ref, [{ id: crypto.randomUUID(), vector: direction(1) }])],
  ];
  beforeEach(async () => {
    got(await storeIn("dedicated").put(ref, [piece()]));
  });
  afterEach(() => server.double.mend());

  describe.each(calls)("%s", (_, call) => {
    test.each([429, 500, 503, 507])("refuses on %i, and works again afterwards", async (status) => {
      const store = storeIn("dedicated");
      server.double.fail({ status, retryAfter: 3 }, 20);
      expect(await call(store)).toMatchObject({
        ok: false,
        refusal: { code: "context_unavailable", detail: `Qdrant answered ${status}` },
      });
      server.double.mend();
      expect((await call(store)).ok).toBe(true);
    });

    test("refuses when there is no answer in time, rubbish, or nobody there", async () => {
      server.double.fail("silence", 20);
      expect(await call(storeIn("dedicated", 50))).toMatchObject({ refusal: { code: "context_unavailable" } });
      server.double.mend();
      server.double.fail("rubbish", 20);
      expect(await call(storeIn("dedicated"))).toMatchObject({ refusal: { code: "context_unavailable" } });
      const nobody = qdrantContexts({ url: "http://127.0.0.1:1", apiKey: KEY, placement: "dedicated", active: true });
      expect(await call(nobody)).toMatchObject({ refusal: { code: "context_unavailable" } });
    });

    test("refuses with a wrong key, and repeats neither key nor text", async () => {
      const stranger = qdrantContexts({ url: server.url, apiKey: "sk-canary", placement: "dedicated", active: true });
      const answer = await call(stranger);
      expect(answer).toMatchObject({ ok: false, refusal: { code: "context_unavailable" } });
      expect(JSON.stringify(answer)).not.toMatch(/canary|vault/);
    });
  });
});

describe("the checker of requests", () => {
  const contract = qdrantContract();
  const path = "/collections/c/points/query";
  const wrong = (body: unknown, at = path, method = "POST") =>
    (contract?.request(method, at, new URLSearchParams(), body) ?? ["no document"]).length > 0;

  test.skipIf(contract === null)("lets through what is right and refuses what only looks right", () => {
    expect(wrong({ query: { fusion: "rrf" }, prefetch: [{ query: [1], using: "d" }], limit: 3 })).toBe(false);
    expect(wrong({ query: { fusion: "xyz" }, limit: 3 })).toBe(true);
    expect(wrong({ query: [1, 2], limit: 0 })).toBe(true);
    expect(wrong({ query: [1, 2], limit: "3" })).toBe(true);
    expect(wrong({ query: [1, 2], limt: 3 })).toBe(true);
    expect(wrong({ vectors: { size: 4, distance: "cosine" } }, "/collections/c", "PUT")).toBe(true);
    expect(wrong({ points: [{ id: "not-a-uuid", vector: [1] }] }, "/collections/c/points", "PUT")).toBe(true);
    expect(wrong({ vector: [1], top: 1 }, "/collections/c/points/search")).toBe(true);
    expect(contract?.response("GET", "/", 200, { title: "qdrant" })).not.toEqual([]);
    expect(contract?.response("GET", "/", 200, { title: "qdrant", version: "1.19.0" })).toEqual([]);
  });
});
