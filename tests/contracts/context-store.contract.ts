// What every hand over contexts promises: what is put is there and is found, by its meaning and by its words; what is deleted
// is found by nothing; and nobody reaches what is another's, whatever they name.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MOST_ITEMS, MOST_TEXT } from "#domain/context/limits.ts";
import type {
  ContextFilter,
  ContextHit,
  ContextItem,
  ContextPage,
  ContextRef,
  ContextStore,
  NewContextItem,
} from "#domain/context/port.ts";
import { pruneContext } from "#domain/context/prune.ts";
import type { Result } from "#schema/result.ts";
import { direction, interaction, near, piece, refOf, withoutVector } from "#tests/support/context-items.ts";

/** A hand under test. */
export interface ContextsUnderTest {
  readonly store: ContextStore;
  close(): Promise<void>;
}

const DAY = 86_400_000;
const NOON = 1_790_000_000_000;

const got = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.refusal)}`);
  return result.value;
};

const byId = (a: ContextItem, b: ContextItem): number => (a.id < b.id ? -1 : 1);
const idsOf = (items: readonly ContextItem[]): string[] => items.map(({ id }) => id).sort();

/** Runs the contract against a hand. */
export const contextStoreContract = (name: string, make: () => Promise<ContextsUnderTest>): void => {
  describe(`contexts: ${name}`, () => {
    let made: ContextsUnderTest;
    let store: ContextStore;
    let ref: ContextRef;

    beforeEach(async () => {
      made = await make();
      store = made.store;
      ref = refOf();
    });
    afterEach(() => made.close());

    const put = async (...items: readonly NewContextItem[]) => got(await store.put(ref, items));
    const search = async (
      text: string,
      vector: Float32Array | null,
      filter: ContextFilter = {},
      topK = 10,
    ): Promise<readonly ContextHit[]> => got(await store.search(ref, { text, vector, topK, filter }));
    const found = async (...asked: Parameters<typeof search>) => (await search(...asked)).map(({ item }) => item.id);
    const get = async (...ids: string[]) => got(await store.get(ref, ids));
    const statsOf = async (of: ContextRef = ref) => got(await store.stats(of));
    const walk = async (filter: ContextFilter = {}, limit = 100, of: ContextRef = ref): Promise<ContextItem[]> => {
      const items: ContextItem[] = [];
      let after: string | null = null;
      for (let pages = 0; pages < 1_000; pages += 1) {
        const page: ContextPage = got(await store.list(of, filter, after, limit));
        expect(page.items.length).toBeLessThanOrEqual(limit);
        items.push(...page.items);
        if (page.next === null) return items;
        after = page.next;
      }
      throw new Error("the list has no end");
    };

    describe("what is put", () => {
      test("is there as it was put", async () => {
        const items = [
          interaction({ title: "colleague", success: false, tags: ["billing", "Q3"], at: NOON + 1 }),
          interaction({ success: null }),
          piece({ tags: ["handbook"], index: 2 }),
          piece({ text: "" }),
        ];
        expect(await put(...items)).toEqual({ stored: 4 });
        expect(await get(...items.map(({ id }) => id))).toEqual(items.map(withoutVector));
      });

      test("keeps every letter, whatever the script", async () => {
        const texts = [
          "Смета на ремонт: 12 000 ₽, ёлка и йод",
          "北京大学 図書館",
          "مرحبا بالعالم",
          "👩‍👩‍👧 naïve café\u0000\n\ttab",
        ];
        const items = texts.map((text, at) => interaction({ text, title: texts.at(-1 - at) ?? "", tags: [text] }));
        await put(...items);
        expect(await get(...items.map(({ id }) => id))).toEqual(items.map(withoutVector));
      });

      test("twice is there once", async () => {
        const items = [interaction({ vector: direction(1) }), piece({ vector: direction(2) })];
        await put(...items);
        await put(...items);
        expect(await statsOf()).toMatchObject({ items: 2, vectors: 2, interactions: 1, documents: 1, pending: 0 });
        expect(await found("", direction(1))).toHaveLength(2);
      });

      test("again under the same id replaces words, vector and marks", async () => {
        const first = piece({ text: "The gasket is made of rubber", vector: direction(1), tags: ["old"] });
        await put(first);
        const second = { ...first, text: "The flange is made of steel", vector: direction(2), tags: ["new"] };
        await put(second);
        expect(await get(first.id)).toEqual([withoutVector(second)]);
        expect(await found("gasket rubber", null)).toEqual([]);
        expect(await found("flange", null)).toEqual([first.id]);
        expect(await found("", null, { tags: ["old"] })).toEqual([]);
        expect((await search("", direction(2)))[0]?.dense?.similarity).toBeCloseTo(1, 1);
        expect(await statsOf()).toMatchObject({ items: 1, vectors: 1 });
      });

      test("again without a vector waits for a new one", async () => {
        const first = piece({ text: "The gasket is made of rubber", vector: direction(1) });
        await put(first);
        await put({ ...first, text: "The flange is made of steel", vector: null });
        expect(await found("", direction(1))).toEqual([]);
        expect(await statsOf()).toMatchObject({ items: 1, vectors: 0, pending: 1 });
      });

      test("may be nothing", async () => {
        expect(await put()).toEqual({ stored: 0 });
        expect(await statsOf()).toMatchObject({ items: 0 });
      });

      test("may be five hundred at once", async () => {
        const items = Array.from({ length: 500 }, (_, at) =>
          piece({ text: `Paragraph ${at} of the long handbook`, vector: direction(at), index: at }),
        );
        expect(await put(...items)).toEqual({ stored: 500 });
        expect(await statsOf()).toMatchObject({ items: 500, vectors: 500, pending: 0 });
        const [best] = await search("nothing that is in there", direction(321));
        expect(best?.item.id).toBe(items[321]?.id);
        expect(idsOf(await walk({}, 128))).toEqual(idsOf(items));
      });

      test("with a vector of another size is refused, and nothing of it is kept", async () => {
        const answer = await store.put(ref, [piece({ vector: direction(1) }), piece({ vector: direction(1, 32) })]);
        expect(answer).toMatchObject({ ok: false, refusal: { code: "invalid_request" } });
        expect(await statsOf()).toMatchObject({ items: 0 });
      });

      test.each([
        ["an id that is no UUID", { id: "note-1" }],
        ["a text longer than an item's may be", { text: "x".repeat(MOST_TEXT + 1) }],
        ["an instant that is no whole number", { at: NOON + 0.5 }],
        ["a vector that is not of numbers", { vector: direction(1).fill(Number.NaN) }],
      ])("with %s is refused", async (_, wrong) => {
        const answer = await store.put(ref, [piece(), piece(wrong)]);
        expect(answer).toMatchObject({ ok: false, refusal: { code: "invalid_request" } });
        expect(await walk()).toEqual([]);
      });

      test("may be as long as an item may be, and no more of them than a call may bring", async () => {
        const long = piece({ text: `${"word ".repeat(MOST_TEXT / 5 - 3)}🦉 the end`.slice(0, MOST_TEXT) });
        await put(long);
        expect(await get(long.id)).toEqual([withoutVector(long)]);
        const many = Array.from({ length: MOST_ITEMS + 1 }, () => piece());
        expect(await store.put(ref, many)).toMatchObject({ ok: false, refusal: { code: "invalid_request" } });
      });

      test("by two at the same moment is all there", async () => {
        const batches = Array.from({ length: 6 }, () => [piece(), interaction()]);
        await Promise.all(batches.map((batch) => put(...batch)));
        expect(idsOf(await walk())).toEqual(idsOf(batches.flat()));
      });
    });

    describe("of a context nobody has written to", () => {
      test("everything is empty", async () => {
        expect(await search("anything", direction(1))).toEqual([]);
        expect(await get(crypto.randomUUID())).toEqual([]);
        expect(await walk()).toEqual([]);
        expect(got(await store.unembedded(ref, 10))).toEqual([]);
        expect(got(await store.remove(ref, { filter: {} }))).toEqual({ removed: 0 });
        expect(got(await store.remove(ref, { ids: [crypto.randomUUID()] }))).toEqual({ removed: 0 });
        expect(got(await store.clear(ref))).toEqual({ removed: 0 });
        expect(got(await store.setVectors(ref, [{ id: crypto.randomUUID(), vector: direction(1) }]))).toEqual({
          stored: 0,
        });
        expect(await statsOf()).toMatchObject({
          backend: store.backend,
          collection: ref.collection,
          items: 0,
          vectors: 0,
          interactions: 0,
          documents: 0,
          pending: 0,
          embedding: ref.embedding,
        });
      });
    });

    describe("to get", () => {
      test("answers in the order that was asked, and leaves out what is not there", async () => {
        const items = [piece(), piece(), piece()] as const;
        await put(...items);
        const asked = [items[2].id, crypto.randomUUID(), items[0].id, "not an id", items[1].id];
        expect((await get(...asked)).map(({ id }) => id)).toEqual([items[2].id, items[0].id, items[1].id]);
        expect(await get()).toEqual([]);
      });
    });

    describe("a search", () => {
      test("finds by meaning, nearest first, and says how near", async () => {
        const asked = direction(7);
        const items = [0.95, 0.8, 0.6, 0.3].map((cosine, at) =>
          piece({ text: `Number ${at}`, vector: near(asked, cosine, 100 + at) }),
        );
        await put(...[...items].reverse());
        const hits = await search("entirely different words", asked);
        expect(hits.map(({ item }) => item)).toEqual(items.map(withoutVector));
        expect(hits.map(({ dense }) => dense?.rank)).toEqual([1, 2, 3, 4]);
        for (const [at, cosine] of [0.95, 0.8, 0.6, 0.3].entries())
          expect(Math.abs((hits[at]?.dense?.similarity ?? 0) - cosine)).toBeLessThan(0.03);
        for (const { lexical } of hits) expect(lexical).toBeNull();
      });

      test("finds by words without any vector", async () => {
        const items = [
          piece({ text: "The turbine is greased every second Tuesday" }),
          piece({ text: "Visitors sign the book at the gate" }),
          piece({ text: "Tuesday is market day" }),
        ];
        await put(...items);
        const hits = await search("When is the turbine greased?", null);
        expect(hits[0]).toMatchObject({ item: { id: items[0]?.id }, dense: null, lexical: { rank: 1 } });
        expect(hits.map(({ item }) => item.id)).not.toContain(items[1]?.id);
      });

      test("finds by the words of the title too", async () => {
        const item = piece({ title: "Zeppelin maintenance", text: "Check the valves" });
        await put(item, piece({ title: "Bicycles", text: "Check the brakes" }));
        expect((await found("zeppelin", null))[0]).toBe(item.id);
        expect(await found("zeppelin", null)).toHaveLength(1);
      });

      test("finds words whatever their case, accents and endings", async () => {
        const russian = piece({ text: "Договор с поставщиком подписан в Ёлкине" });
        const french = piece({ text: "Le CAFÉ naïf est fermé" });
        const english = piece({ text: "All invoices were archived" });
        await put(russian, french, english);
        expect(await found("ПОСТАВЩИКА", null)).toEqual([russian.id]);
        expect(await found("о договоре", null)).toEqual([russian.id]);
        expect(await found("елкине", null)).toEqual([russian.id]);
        expect(await found("cafe naif", null)).toEqual([french.id]);
        expect(await found("invoice archive", null)).toEqual([english.id]);
      });

      test("ranks a rare word above one that is everywhere", async () => {
        const common = Array.from({ length: 30 }, (_, at) => piece({ text: `The valve number ${at} of the plant` }));
        const rare = piece({ text: "The manometer of the plant" });
        await put(...common, rare);
        expect((await found("valve manometer", null))[0]).toBe(rare.id);
      });

      test("puts first what fits by meaning and by words", async () => {
        const asked = direction(7);
        const both = piece({ text: "The turbine hums", vector: near(asked, 0.9, 1) });
        const meaning = piece({ text: "A machine makes noise", vector: near(asked, 0.92, 2) });
        const words = piece({ text: "turbine turbine" });
        await put(words, meaning, both);
        const [first, ...rest] = await search("turbine", asked);
        expect(first?.item.id).toBe(both.id);
        expect(first?.lexical).not.toBeNull();
        expect(idsOf(rest.map(({ item }) => item))).toEqual(idsOf([meaning, words]));
      });

      test("scores between 0 and 1, best first, and what leads every half scores 1", async () => {
        const items = Array.from({ length: 20 }, (_, at) =>
          piece({ text: at === 3 ? "unicorn" : `horse ${at}`, vector: near(direction(1), 0.9 - at * 0.02, at + 10) }),
        );
        await put(...items, piece({ text: "unicorn", vector: direction(1) }));
        const scores = (await search("unicorn horse", direction(1), {}, 21)).map(({ score }) => score);
        expect(scores).toEqual([...scores].sort((a, b) => b - a));
        for (const score of scores) expect(score).toBeGreaterThan(0);
        expect(Math.max(...scores)).toBeLessThanOrEqual(1);
        expect((await search("", direction(1)))[0]?.score).toBe(1);
      });

      test("gives as many as were asked for, and no more", async () => {
        await put(...Array.from({ length: 30 }, (_, at) => piece({ text: `same words ${at}`, vector: direction(at) })));
        for (const topK of [1, 7, 30]) expect(await search("same words", direction(1), {}, topK)).toHaveLength(topK);
        expect(await search("same words", null, {}, 30)).toHaveLength(30);
        expect(await search("same words", direction(1), {}, 100)).toHaveLength(30);
      });

      test("gives no place to turns whoever asks has before its eyes, however many they are", async () => {
        const runs = Array.from({ length: 70 }, (_, at) => `run_seen${at}`);
        const seen = runs.map((run_id, at) =>
          interaction({ run_id, text: "same words", vector: near(direction(1), 0.99, at + 10) }),
        );
        const others = [
          interaction({ run_id: "run_other", text: "same words, said elsewhere", vector: near(direction(1), 0.8, 2) }),
          piece({ text: "the same words of a document", vector: near(direction(1), 0.7, 3) }),
        ];
        await put(...seen, ...others);
        const query = { text: "same words", vector: direction(1), topK: 5, filter: {} };
        expect(got(await store.search(ref, query))).toHaveLength(5);
        for (const asked of [query, { ...query, vector: null }, { ...query, text: "" }]) {
          const hits = got(await store.search(ref, { ...asked, seen: runs }));
          expect(idsOf(hits.map(({ item }) => item))).toEqual(idsOf(others));
        }
      });

      test("says each find once", async () => {
        await put(...Array.from({ length: 15 }, (_, at) => piece({ text: `same words ${at}`, vector: direction(at) })));
        const ids = await found("same words", direction(3), {}, 50);
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids).toHaveLength(15);
      });

      test("of nothing finds nothing", async () => {
        await put(piece());
        expect(await search("", null)).toEqual([]);
        expect(await search("?!… — 🤷", null)).toEqual([]);
        expect(await search("xylophone", null)).toEqual([]);
      });

      test("takes any text for words, not for a language of its own", async () => {
        const item = piece({ text: 'He said "stop" AND went NOT far*' });
        await put(item);
        for (const text of [
          '"stop',
          "stop*",
          "far OR (",
          "title:stop",
          "NEAR(stop far)",
          "stop' OR 1=1 --",
          "- stop ^",
        ])
          expect(await found(text, null)).toEqual([item.id]);
        expect(await found("-".repeat(20_000), null)).toEqual([]);
      });

      test("with a vector of another size is refused", async () => {
        await put(piece({ vector: direction(1) }));
        const answer = await store.search(ref, { text: "a", vector: direction(1, 32), topK: 3, filter: {} });
        expect(answer).toMatchObject({ ok: false, refusal: { code: "invalid_request" } });
      });
    });

    describe("a filter", () => {
      const run = "run_01K8X0000000000000000000RA";
      const doc = "doc_01K8X0000000000000000000DA";
      let items: NewContextItem[];

      // Every combination of marks, each with the same words and nearly the same meaning.
      beforeEach(async () => {
        items = [];
        for (const at of [NOON - 2 * DAY, NOON, NOON + 2 * DAY])
          for (const tags of [[], ["red"], ["red", "blue"], ["green"]]) {
            const parts = () => ({
              at,
              tags,
              text: "the same words",
              vector: near(direction(1), 0.9, items.length + 20),
            });
            items.push(interaction({ ...parts(), success: true, run_id: run }));
            items.push(interaction({ ...parts(), success: false }));
            items.push(piece({ ...parts(), document_id: doc }));
            items.push(piece(parts()));
          }
        await put(...items);
      });

      const cases: readonly [string, ContextFilter, (item: ContextItem) => boolean][] = [
        ["nothing", {}, () => true],
        ["kind interaction", { kind: "interaction" }, ({ source }) => source.kind === "interaction"],
        ["kind document", { kind: "document" }, ({ source }) => source.kind === "document"],
        ["success", { success: true }, ({ success }) => success === true],
        ["failure, which is not the absence of success", { success: false }, ({ success }) => success === false],
        ["since an instant, which belongs", { since: NOON }, ({ at }) => at >= NOON],
        ["until an instant, which does not", { until: NOON }, ({ at }) => at < NOON],
        ["between two instants", { since: NOON - DAY, until: NOON + DAY }, ({ at }) => at === NOON],
        ["a tag", { tags: ["red"] }, ({ tags }) => tags.includes("red")],
        [
          "any of some tags",
          { tags: ["blue", "green"] },
          ({ tags }) => tags.some((t) => t === "blue" || t === "green"),
        ],
        ["no tag at all", { tags: [] }, () => false],
        ["a document", { document_id: doc }, ({ source }) => source.kind === "document" && source.document_id === doc],
        ["a run", { run_id: run }, ({ source }) => source.kind === "interaction" && source.run_id === run],
        [
          "everything at once",
          { kind: "interaction", success: true, since: NOON, until: NOON + 1, tags: ["blue"], run_id: run },
          ({ source, success, at, tags }) =>
            source.kind === "interaction" && success === true && at === NOON && tags.includes("blue"),
        ],
        ["what contradicts itself", { kind: "document", run_id: run }, () => false],
        ["a document that is not there", { document_id: "doc_01K8X0000000000000000000ZZ" }, () => false],
      ];

      test.each(cases)("by %s narrows what is listed", async (_, filter, fits) => {
        expect(idsOf(await walk(filter, 5))).toEqual(idsOf(items.filter(fits)));
      });

      test.each(cases)("by %s narrows what is found, by words and by meaning", async (_, filter, fits) => {
        const expected = idsOf(items.filter(fits));
        expect([...(await found("the same words", null, filter, 100))].sort()).toEqual(expected);
        expect([...(await found("", direction(1), filter, 100))].sort()).toEqual(expected);
        expect([...(await found("same words", direction(1), filter, 100))].sort()).toEqual(expected);
      });

      test.each(cases)("by %s narrows what is removed", async (_, filter, fits) => {
        const going = items.filter(fits);
        expect(got(await store.remove(ref, { filter }))).toEqual({ removed: going.length });
        expect(idsOf(await walk())).toEqual(idsOf(items.filter((item) => !fits(item))));
      });

      test("leaves as many finds as were asked for, however far off they are", async () => {
        const far = Array.from({ length: 12 }, (_, at) =>
          piece({ text: "the same words", tags: ["far"], vector: near(direction(1), 0.01, 900 + at) }),
        );
        const many = Array.from({ length: 300 }, (_, at) =>
          piece({ text: "the same words and the same words", vector: near(direction(1), 0.99, 2_000 + at) }),
        );
        await put(...many, ...far);
        const asked = [
          ["the same words", null],
          ["", direction(1)],
          ["the same words", direction(1)],
        ] as const;
        for (const [text, vector] of asked)
          expect(await found(text, vector, { tags: ["far"] }, 10), text).toHaveLength(10);
      });
    });

    describe("a list", () => {
      test("goes through everything once, in the order of ids", async () => {
        const items = Array.from({ length: 23 }, () => piece());
        await put(...items);
        for (const limit of [1, 5, 23, 100]) expect(await walk({}, limit)).toEqual(items.map(withoutVector).sort(byId));
      });

      test("is not moved by what is put or removed meanwhile", async () => {
        const items = Array.from({ length: 12 }, () => piece()).sort(byId);
        await put(...items);
        const first = got(await store.list(ref, {}, null, 5));
        const early = piece({ id: "00000000-0000-4000-8000-000000000000" });
        const late = piece({ id: "ffffffff-ffff-4fff-bfff-ffffffffffff" });
        await put(early, late);
        got(await store.remove(ref, { ids: [first.items[4]?.id ?? "", items[5]?.id ?? ""] }));
        const rest: ContextItem[] = [];
        for (let after = first.next; after !== null; ) {
          const page: ContextPage = got(await store.list(ref, {}, after, 5));
          rest.push(...page.items);
          after = page.next;
        }
        expect(first.items.map(({ id }) => id)).toEqual(items.slice(0, 5).map(({ id }) => id));
        expect(rest.map(({ id }) => id)).toEqual([...items.slice(6).map(({ id }) => id), late.id]);
      });
    });

    describe("what is removed", () => {
      test("is found in no way", async () => {
        const asked = direction(3);
        const gone = piece({ text: "The vault combination", vector: asked, tags: ["secret"] });
        const stays = piece({ text: "The vault door", vector: near(asked, 0.9, 4) });
        await put(gone, stays);
        expect(got(await store.remove(ref, { ids: [gone.id, crypto.randomUUID(), "not an id"] }))).toEqual({
          removed: 1,
        });
        expect(await get(gone.id)).toEqual([]);
        expect(await found("vault combination", null)).toEqual([stays.id]);
        expect(await found("", asked)).toEqual([stays.id]);
        expect(await found("vault combination", asked)).toEqual([stays.id]);
        expect(await found("vault", asked, { tags: ["secret"] })).toEqual([]);
        expect(idsOf(await walk())).toEqual([stays.id]);
        expect(await statsOf()).toMatchObject({ items: 1, vectors: 1 });
        expect(got(await store.remove(ref, { ids: [gone.id] }))).toEqual({ removed: 0 });
        expect(got(await store.remove(ref, { ids: [] }))).toEqual({ removed: 0 });
      });

      test("gets no vector afterwards", async () => {
        const gone = piece({ text: "The vault combination" });
        await put(gone, piece());
        got(await store.remove(ref, { ids: [gone.id] }));
        expect(got(await store.setVectors(ref, [{ id: gone.id, vector: direction(1) }]))).toEqual({ stored: 0 });
        expect(await found("", direction(1))).toEqual([]);
        expect(await statsOf()).toMatchObject({ items: 1, vectors: 0 });
      });

      test("may be put again", async () => {
        const item = piece({ text: "The vault combination", vector: direction(1) });
        await put(item);
        got(await store.remove(ref, { ids: [item.id] }));
        await put(item);
        expect(await found("combination", direction(1))).toEqual([item.id]);
      });

      test("goes with everything else when the context is cleared, which can be written to again", async () => {
        const items = [piece({ vector: direction(1) }), interaction({ vector: direction(2) }), piece()];
        await put(...items);
        expect(got(await store.clear(ref))).toEqual({ removed: 3 });
        expect(await statsOf()).toMatchObject({ items: 0, vectors: 0, pending: 0, interactions: 0, documents: 0 });
        expect(await search("handbook", direction(1))).toEqual([]);
        expect(await walk()).toEqual([]);
        await put(items[0] ?? piece());
        expect(await found("", direction(1))).toEqual([items[0]?.id]);
      });
    });

    describe("pruning", () => {
      const old = interaction({ at: NOON - 10 * DAY, success: false });
      const older = piece({ at: NOON - 20 * DAY });
      const oldest = interaction({ at: NOON - 30 * DAY, success: true });
      const fresh = interaction({ at: NOON, success: true });
      const freshest = piece({ at: NOON + DAY });
      const all = [old, older, oldest, fresh, freshest];

      test.each([
        ["by age, what is older than the instant", { before: NOON }, [fresh, freshest]],
        ["by kind", { kind: "interaction" as const }, [older, freshest]],
        ["by success", { success: false }, [older, oldest, fresh, freshest]],
        ["by count, the newest stay", { maxCount: 2 }, [fresh, freshest]],
        ["by a count that is not reached", { maxCount: 5 }, all],
        ["by a count of none", { maxCount: 0 }, []],
        [
          "by every rule that is given",
          { before: NOON, kind: "interaction" as const, success: true },
          [old, older, fresh, freshest],
        ],
        ["by count among what fits", { kind: "interaction" as const, maxCount: 1 }, [older, fresh, freshest]],
        ["by no rule at all, nothing goes", {}, all],
      ])("%s", async (_, rule, staying) => {
        await put(...all);
        expect(got(await pruneContext(store, ref, rule))).toEqual({ removed: all.length - staying.length, also: 0 });
        expect(idsOf(await walk())).toEqual(idsOf(staying));
        expect(idsOf((await search("user handbook", null, {}, 10)).map(({ item }) => item))).toEqual(idsOf(staying));
      });

      test("keeps the newest of many that are as old", async () => {
        await put(...Array.from({ length: 40 }, () => interaction({ at: NOON })), fresh);
        expect(got(await pruneContext(store, ref, { maxCount: 11 }))).toEqual({ removed: 30, also: 0 });
        expect(await statsOf()).toMatchObject({ items: 11 });
      });
    });

    describe("an item without a vector", () => {
      test("is found by its words, and by its meaning once it has one", async () => {
        const late = piece({ text: "The orchid blooms in March" });
        await put(late, piece({ text: "Snow falls in January", vector: direction(9) }));
        expect(await statsOf()).toMatchObject({ items: 2, vectors: 1, pending: 1 });
        expect(await found("orchid", direction(1))).toContain(late.id);
        expect(await found("", direction(1))).not.toContain(late.id);
        expect(got(await store.unembedded(ref, 10))).toEqual([withoutVector(late)]);

        expect(got(await store.setVectors(ref, [{ id: late.id, vector: direction(1) }]))).toEqual({ stored: 1 });
        expect((await found("", direction(1)))[0]).toBe(late.id);
        expect((await found("orchid", null))[0]).toBe(late.id);
        expect(await get(late.id)).toEqual([withoutVector(late)]);
        expect(got(await store.unembedded(ref, 10))).toEqual([]);
        expect(await statsOf()).toMatchObject({ vectors: 2, pending: 0 });
      });

      test("is named when there are more, as many as were asked for", async () => {
        const items = Array.from({ length: 9 }, () => piece());
        await put(...items);
        const seen = new Set<string>();
        while (seen.size < 9) {
          const batch = got(await store.unembedded(ref, 4));
          expect(batch.length).toBe(Math.min(4, 9 - seen.size));
          for (const { id } of batch) seen.add(id);
          got(
            await store.setVectors(
              ref,
              batch.map(({ id }, at) => ({ id, vector: direction(at) })),
            ),
          );
        }
        expect([...seen].sort()).toEqual(idsOf(items));
        expect(got(await store.unembedded(ref, 4))).toEqual([]);
      });

      test("gets no vector of another size, nor does one beside it", async () => {
        const [one, other] = [piece(), piece()];
        await put(one, other);
        const vectors = [
          { id: one.id, vector: direction(1) },
          { id: other.id, vector: direction(1, 32) },
        ];
        expect(await store.setVectors(ref, vectors)).toMatchObject({ ok: false, refusal: { code: "invalid_request" } });
        expect(await statsOf()).toMatchObject({ vectors: 0, pending: 2 });
        expect(got(await store.setVectors(ref, []))).toEqual({ stored: 0 });
      });

      test("that is unknown gets none, while the others get theirs", async () => {
        const item = piece();
        await put(item);
        const vectors = [crypto.randomUUID(), item.id, "not an id"].map((id) => ({ id, vector: direction(1) }));
        expect(got(await store.setVectors(ref, vectors))).toEqual({ stored: 1 });
        expect(await statsOf()).toMatchObject({ items: 1, vectors: 1 });
      });
    });

    describe("with another embedding model", () => {
      test("the old vectors are not compared, and every item waits for a new one", async () => {
        const items = [
          piece({ text: "The orchid blooms", vector: direction(1) }),
          piece({ text: "Snow falls", vector: direction(2) }),
        ];
        await put(...items);
        const other: ContextRef = { ...ref, embedding: { model: "another", dimensions: 32 } };
        const asked = { text: "orchid", vector: direction(1, 32), topK: 10, filter: {} };
        expect(got(await store.search(other, asked)).map(({ item, dense }) => [item.id, dense])).toEqual([
          [items[0]?.id, null],
        ]);
        expect(idsOf(got(await store.unembedded(other, 10)))).toEqual(idsOf(items));
        const vectors = items.map(({ id }, at) => ({ id, vector: direction(at + 5, 32) }));
        expect(got(await store.setVectors(other, vectors))).toEqual({ stored: 2 });
        const [best] = got(await store.search(other, { ...asked, text: "", vector: direction(6, 32) }));
        expect(best?.item.id).toBe(items[1]?.id);
        expect(await statsOf(other)).toMatchObject({ items: 2, vectors: 2, pending: 0, embedding: other.embedding });
      });
    });

    describe("isolation", () => {
      const others = (): readonly [string, ContextRef][] => [
        ["another agent", refOf({ userId: ref.userId, projectId: ref.projectId, collection: ref.collection })],
        ["another project", refOf({ userId: ref.userId })],
        ["another user", refOf()],
      ];
      const documentId = "doc_01K8X0000000000000000000DA";
      const runId = "run_01K8X0000000000000000000RA";
      const copies = (id: string): NewContextItem[] => [
        piece({ id, text: "The vault combination", vector: direction(1), tags: ["x"], document_id: documentId }),
        interaction({ text: "The vault combination", vector: direction(1), tags: ["x"], run_id: runId }),
      ];

      test("nobody finds, gets or lists what is another's, though ids, words, vectors and filters are the same", async () => {
        const shared = crypto.randomUUID();
        const mine = copies(shared);
        await put(...mine);
        for (const [who, other] of others()) {
          const theirs = copies(shared).map((item) => ({ ...item, title: who }));
          got(await store.put(other, theirs));
          const filters: ContextFilter[] = [{}, { document_id: documentId }, { run_id: runId }, { tags: ["x"] }];
          for (const [asking, own] of [
            [ref, mine],
            [other, theirs],
          ] as const) {
            const all = [...mine, ...theirs].map(({ id }) => id);
            expect(idsOf(got(await store.get(asking, all))), who).toEqual(expect.arrayContaining(idsOf(own)));
            for (const item of got(await store.get(asking, all)))
              expect(own.map(withoutVector), who).toContainEqual(item);
            for (const filter of filters) {
              for (const item of await walk(filter, 10, asking)) expect(own.map(withoutVector)).toContainEqual(item);
              for (const vector of [null, direction(1)]) {
                const query = { text: "vault combination", vector, topK: 100, filter };
                const hits = got(await store.search(asking, query));
                expect(hits.length).toBeGreaterThan(0);
                for (const { item } of hits) expect(own.map(withoutVector), who).toContainEqual(item);
              }
            }
            expect(await statsOf(asking)).toMatchObject({ items: 2, vectors: 2, interactions: 1, documents: 1 });
          }
        }
      });

      test("nobody removes, prunes, clears or changes what is another's", async () => {
        const shared = crypto.randomUUID();
        const mine = copies(shared);
        await put(...mine);
        const before = await walk();
        for (const [who, other] of others()) {
          const attack = async () => {
            got(await store.remove(other, { ids: mine.map(({ id }) => id) }));
            for (const filter of [{}, { document_id: documentId }, { run_id: runId }, { tags: ["x"] }])
              got(await store.remove(other, { filter }));
            got(await pruneContext(store, other, { before: NOON + DAY }));
            got(await pruneContext(store, other, { maxCount: 0 }));
            got(await store.setVectors(other, [{ id: mine[1]?.id ?? "", vector: direction(9) }]));
            got(await store.put(other, [piece({ id: shared, text: "forged" })]));
            got(await store.clear(other));
          };
          await attack();
          got(await store.put(other, copies(shared)));
          await attack();
          expect(await walk(), who).toEqual(before);
          expect(await statsOf(), who).toMatchObject({ items: 2, vectors: 2 });
          const [best] = await search("", direction(1));
          expect(best?.dense?.similarity, who).toBeCloseTo(1, 1);
        }
      });

      test("another's items do not change what scores how", async () => {
        const items = [
          piece({ text: "valve manometer" }),
          piece({ text: "valve valve" }),
          piece({ text: "manometer" }),
        ];
        await put(...items);
        const before = await search("valve manometer", null);
        for (const [, other] of others())
          got(
            await store.put(
              other,
              Array.from({ length: 40 }, () => piece({ text: "manometer" })),
            ),
          );
        expect(await search("valve manometer", null)).toEqual(before);
      });

      test("an agent named with another owner is nobody's: it is refused, or has nothing", async () => {
        const mine = copies(crypto.randomUUID());
        await put(...mine);
        const before = await walk();
        const forged: ContextRef[] = [
          { ...refOf(), agentId: ref.agentId },
          { ...refOf({ userId: ref.userId }), agentId: ref.agentId },
          { ...ref, userId: refOf().userId },
        ];
        for (const one of forged) {
          const answers = [
            await store.search(one, { text: "vault", vector: direction(1), topK: 9, filter: {} }),
            await store.get(
              one,
              mine.map(({ id }) => id),
            ),
            await store.unembedded(one, 9),
          ];
          for (const answer of answers)
            if (answer.ok) expect(answer.value).toEqual([]);
            else expect(answer.refusal.code).toBe("isolation_violation");
          const page = await store.list(one, {}, null, 9);
          if (page.ok) expect(page.value.items).toEqual([]);
          await store.put(
            one,
            mine.map((item) => ({ ...item, text: "forged" })),
          );
          await store.remove(one, { filter: {} });
          await pruneContext(store, one, { maxCount: 0 });
          await store.clear(one);
          expect(await walk()).toEqual(before);
        }
      });
    });
  });
};
