// Moving contexts between the places they can be in, Qdrant being a double: everything arrives, with its vectors where they can be
// carried, and a move that breaks off anywhere loses nothing.
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FoundPage, importedId, readOldCollection } from "#adapters/context/old-collection.ts";
import { type QdrantContexts, qdrantContexts } from "#adapters/context/qdrant.ts";
import { importedItem } from "#domain/context/imported.ts";
import { arrived, type MoveDeps, movePage } from "#domain/context/move.ts";
import type { ContextItem, ContextRef, ContextStore } from "#domain/context/port.ts";
import { keyOf } from "#schema/ids.ts";
import { type Result, refuse } from "#schema/result.ts";
import { type QdrantServer, startQdrant } from "#tests/doubles/qdrant-server.ts";
import { direction, interaction, piece, refOf, withoutVector } from "#tests/support/context-items.ts";
import { exactContexts } from "#tests/support/exact-contexts.ts";

let server: QdrantServer;
beforeAll(async () => {
  server = await startQdrant();
});
afterAll(() => server.close());

const got = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.refusal)}`);
  return result.value;
};
const settings = (placement: "dedicated" | "shared") => ({ url: server.url, apiKey: null, placement, active: true });
const exact = exactContexts();
const inQdrant = (placement: "dedicated" | "shared") => {
  let store: QdrantContexts | undefined;
  return () => {
    store ??= qdrantContexts(settings(placement));
    return { store, vectorsOf: store.vectorsOf };
  };
};
const places = {
  embedded: () => ({ store: exact, vectorsOf: null }),
  dedicated: inQdrant("dedicated"),
  shared: inQdrant("shared"),
};
type Place = keyof typeof places;
const pairs: readonly [Place, Place][] = [
  ["embedded", "dedicated"],
  ["dedicated", "embedded"],
  ["dedicated", "shared"],
  ["shared", "dedicated"],
  ["embedded", "shared"],
  ["shared", "embedded"],
];

const depsOf = (from: Place, to: Place, changes: Partial<MoveDeps> = {}): MoveDeps => ({
  source: places[from]().store,
  target: places[to]().store,
  vectorsOf: places[from]().vectorsOf,
  embed: async (items) => items.map((_, at) => direction(at)),
  clearSource: true,
  ...changes,
});
const all = async (store: ContextStore, ref: ContextRef): Promise<ContextItem[]> => {
  const page = got(await store.list(ref, {}, null, 1_000));
  return [...page.items];
};
const sorted = (items: readonly ContextItem[]) => [...items].sort((a, b) => (a.id < b.id ? -1 : 1));
const someItems = () => [
  ...Array.from({ length: 17 }, (_, at) => piece({ text: `Пункт ${at} договора`, vector: direction(at), index: at })),
  ...Array.from({ length: 8 }, (_, at) =>
    interaction({ text: `answer ${at}`, vector: direction(100 + at), tags: ["t"] }),
  ),
];

describe.each(pairs)("a context that moves from %s to %s", (from, to) => {
  test("arrives whole, is found there, and is gone from where it was", async () => {
    const ref = refOf();
    const other = refOf();
    const items = someItems();
    const [source, target] = [places[from]().store, places[to]().store];
    got(await source.put(ref, items));
    got(await source.put(other, items));

    const steps: number[] = [];
    for (let remaining = -1; remaining !== 0; ) {
      const step = got(await movePage(depsOf(from, to), ref, 10));
      remaining = step.remaining;
      steps.push(step.moved);
    }
    expect(steps).toEqual([10, 10, 5]);
    expect(sorted(await all(target, ref))).toEqual(sorted(items.map(withoutVector)));
    expect(await all(source, ref)).toEqual([]);
    expect(got(await target.stats(ref))).toMatchObject({ items: 25, vectors: 25, pending: 0 });
    expect(await all(source, other)).toHaveLength(25);
    expect(await all(target, other)).toHaveLength(0);
    expect(got(await movePage(depsOf(from, to), ref, 10))).toEqual({ moved: 0, remaining: 0, pending: 0 });
    expect(server.double.problems).toEqual([]);
  });

  test("arrives with everything, wherever the move breaks off and is asked for again", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(12), { minLength: 1, maxLength: 4 }), async (breaks) => {
        const ref = refOf();
        const items = someItems();
        got(await places[from]().store.put(ref, items));
        const deps = depsOf(from, to);
        for (const at of breaks) {
          let calls = 0;
          const dies = () => {
            calls += 1;
            return calls > at;
          };
          const failing =
            <A extends unknown[], T>(call: (...given: A) => Promise<Result<T>>, after: boolean) =>
            async (...given: A): Promise<Result<T>> => {
              // Either before it is carried out, or when it was and the answer is lost.
              if (!after && dies()) return refuse("context_unavailable");
              const answer = await call(...given);
              return after && dies() ? refuse("context_unavailable") : answer;
            };
          const broken: MoveDeps = {
            ...deps,
            source: {
              ...deps.source,
              list: failing(deps.source.list, false),
              remove: failing(deps.source.remove, at % 2 === 0),
              stats: failing(deps.source.stats, false),
            },
            target: { get: failing(deps.target.get, false), put: failing(deps.target.put, at % 2 === 1) },
          };
          for (let pages = 0; pages < 6; pages += 1) if (!(await movePage(broken, ref, 7)).ok) break;
          const [left, there] = [await all(places[from]().store, ref), await all(places[to]().store, ref)];
          expect(new Set([...left, ...there].map(({ id }) => id)).size).toBe(25);
        }
        for (let pages = 0; pages < 6; pages += 1) got(await movePage(deps, ref, 7));
        expect(sorted(await all(places[to]().store, ref))).toEqual(sorted(items.map(withoutVector)));
        expect(got(await places[to]().store.stats(ref)).vectors).toBe(25);
      }),
      { numRuns: 6 },
    );
  });
});

describe("what moves", () => {
  test("from Qdrant brings its vectors along and is not embedded again", async () => {
    const ref = refOf();
    const item = piece({ text: "The orchid", vector: direction(7) });
    got(await places.dedicated().store.put(ref, [item, piece()]));
    let asked = 0;
    const embed = async (items: readonly ContextItem[]) => {
      asked += items.length;
      return items.map(() => direction(1));
    };
    got(await movePage(depsOf("dedicated", "shared", { embed }), ref));
    expect(asked).toBe(1);
    const [best] = got(
      await places.shared().store.search(ref, { text: "", vector: direction(7), topK: 1, filter: {} }),
    );
    expect(best?.item.id).toBe(item.id);
    expect(best?.dense?.similarity).toBeCloseTo(1, 3);
  });

  test("without a model arrives all the same, and waits to be embedded", async () => {
    const ref = refOf();
    got(await exact.put(ref, [piece({ text: "The orchid", vector: direction(7) })]));
    const moved = got(await movePage(depsOf("embedded", "dedicated", { embed: async () => null }), ref));
    expect(moved).toEqual({ moved: 1, remaining: 0, pending: 1 });
    expect(got(await places.dedicated().store.unembedded(ref, 5))).toHaveLength(1);
  });

  test("does not overwrite what is there already, nor pay for it twice", async () => {
    const ref = refOf();
    const item = piece({ vector: direction(7) });
    got(await exact.put(ref, [item]));
    got(await places.dedicated().store.put(ref, [item]));
    const moved = got(
      await movePage(
        depsOf("embedded", "dedicated", {
          embed: async () => {
            throw new Error("was embedded again");
          },
        }),
        ref,
      ),
    );
    expect(moved).toEqual({ moved: 1, remaining: 0, pending: 0 });
    expect(got(await places.dedicated().store.stats(ref)).vectors).toBe(1);
  });

  test("is taken away only where it arrived", async () => {
    const ref = refOf();
    got(await exact.put(ref, [piece()]));
    const deaf: MoveDeps["target"] = {
      get: async () => ({ ok: true, value: [] }),
      put: async () => ({ ok: true, value: { stored: 1 } }),
    };
    expect(await movePage(depsOf("embedded", "dedicated", { target: deaf }), ref)).toMatchObject({
      refusal: { code: "context_unavailable" },
    });
    expect(await all(exact, ref)).toHaveLength(1);
  });

  test("leaves the place standing where agents still write to it", async () => {
    const ref = refOf();
    got(await places.dedicated().store.put(ref, [piece()]));
    got(await movePage(depsOf("dedicated", "embedded", { clearSource: false }), ref));
    expect(server.double.collections.filter((name) => name.includes(ref.agentId))).toHaveLength(1);
    got(await movePage(depsOf("dedicated", "embedded"), ref));
    expect(server.double.collections.filter((name) => name.includes(ref.agentId))).toHaveLength(0);
  });
});

describe("a collection another program kept for a user", () => {
  const ref = refOf();
  const collection = `user${keyOf(ref.userId)}_context`;
  const point = (at: number, payload: Record<string, unknown>) => ({
    id: `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`,
    vector: [1, 0],
    payload,
  });

  beforeAll(() => {
    server.double.plant(collection, [
      point(1, {
        agent_id: "Archivist",
        text: "The gate closes at nine",
        timestamp: "2026-01-02T03:04:05Z",
        success: true,
      }),
      point(2, {
        agent_id: ref.agentId,
        content: "The code is 4711",
        type: "task",
        task_id: "task-9",
        tags: ["door", 7],
      }),
      point(3, {
        agent_id: "Archivist",
        text: "A manual",
        type: "document",
        title: "Manual",
        created_at: 1_700_000_000,
      }),
      point(4, { agent_id: "Archivist", score: 3 }),
      point(5, { agent_id: "Somebody", text: "not this agent's" }),
    ]);
  });

  const imported = async (limit: number) => {
    const items: ContextItem[] = [];
    let skipped = 0;
    for (let after: string | null = null, more = true; more; ) {
      const page: FoundPage = got(
        await readOldCollection(settings("dedicated"), ref, { collection, names: ["Archivist"], after, limit }),
      );
      for (const found of page.points) {
        const item = importedItem(found, importedId(ref, collection, found.id), 5, 1_000);
        if (item === null) skipped += 1;
        else items.push(item);
      }
      after = page.next;
      more = after !== null;
    }
    return { items, skipped };
  };

  test("gives an agent what was kept of it, whatever it is called there", async () => {
    const { items, skipped } = await imported(2);
    expect(skipped).toBe(1);
    expect(items.map(({ text, at, success, tags, source }) => [text, at, success, tags, source.kind])).toEqual([
      ["The gate closes at nine", Date.parse("2026-01-02T03:04:05Z"), true, ["~read"], "interaction"],
      ["The code is 4711", 5, null, ["door", "~read"], "interaction"],
      ["A manual", 1_700_000_000_000, null, ["~read"], "document"],
    ]);
  });

  test("twice is there once, and stays where it was", async () => {
    const store = qdrantContexts(settings("dedicated"));
    for (let times = 0; times < 2; times += 1) {
      const { items } = await imported(10);
      got(await arrived({ target: store, vectorsOf: null, embed: null }, ref, items));
    }
    expect(got(await store.stats(ref))).toMatchObject({ items: 3, pending: 3 });
    expect(server.double.pointsOf(collection)).toHaveLength(5);
  });

  test("of another user is refused, under whatever name it is asked for", async () => {
    const stranger = refOf();
    for (const name of [
      collection,
      `user${keyOf(stranger.userId)}`,
      `user${keyOf(stranger.userId)}_context/../${collection}`,
      `xuser${keyOf(stranger.userId)}_context`,
      `user${keyOf(stranger.userId)}${keyOf(ref.userId)}_context`,
      "retinue_contexts",
    ])
      expect(
        await readOldCollection(settings("shared"), stranger, { collection: name, names: [], after: null, limit: 5 }),
        name,
      ).toMatchObject({ refusal: { code: "isolation_violation" } });
    const absent = `user${keyOf(stranger.userId)}_context`;
    expect(
      await readOldCollection(settings("shared"), stranger, { collection: absent, names: [], after: null, limit: 5 }),
    ).toMatchObject({ refusal: { code: "not_found" } });
  });
});
