// The embedded contexts in the real runtime: the port's contract, and what only they promise: whose they are, that nothing is
// lost when the object ends, that what is deleted is gone from every row, and that a search is right while the index is rebuilt.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { mintId } from "#adapters/ids.ts";
import type { ContextRef, NewContextItem } from "#domain/context/port.ts";
import { embeddedContexts } from "#durable-objects/embedded-context.ts";
import { contextOf } from "#durable-objects/stubs.ts";
import { TUNING } from "#durable-objects/vector-index/index-state.ts";
import type { Result } from "#schema/result.ts";
import { contextStoreContract } from "#tests/contracts/context-store.contract.ts";
import { direction, interaction, near, piece, refOf } from "#tests/support/context-items.ts";

const store = embeddedContexts(env.CONTEXTS);
const got = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.refusal)}`);
  return result.value;
};

contextStoreContract("embedded", async () => ({ store, close: async () => {} }));

describe("an agent's embedded context", () => {
  let ref: ContextRef;
  beforeEach(() => {
    ref = refOf();
  });

  const object = () => contextOf(env.CONTEXTS, ref);
  const put = async (items: readonly NewContextItem[]) => {
    for (let from = 0; from < items.length; from += 500) got(await store.put(ref, items.slice(from, from + 500)));
  };
  const found = async (text: string, vector: Float32Array | null, filter = {}, topK = 10) =>
    got(await store.search(ref, { text, vector, topK, filter })).map(({ item }) => item.id);
  const tables = () =>
    runInDurableObject(object(), (_, { storage }) =>
      storage.sql
        .exec<{ name: string }>(
          "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'",
        )
        .toArray()
        .map(({ name }) => name),
    );
  /** Every value of every row of these tables, text and bytes alike, as strings. */
  const values = (names: readonly string[]) =>
    runInDurableObject(object(), (_, { storage }) => {
      const decoder = new TextDecoder("latin1");
      return names
        .flatMap((name) => [...storage.sql.exec(`SELECT * FROM "${name}"`).raw()].flat())
        .map((value) => (value instanceof ArrayBuffer ? decoder.decode(value) : String(value)));
    });
  const everything = async () => (await values(await tables())).join("\n").toLowerCase();

  describe("belongs to its first owner", () => {
    const strangers = (): readonly ContextRef[] => [
      { ...ref, userId: mintId("user") },
      { ...ref, projectId: mintId("project") },
      { ...ref, agentId: mintId("agent") },
    ];
    const refused = async () => {
      for (const other of strangers()) {
        const query = { text: "vault", vector: direction(1), topK: 5, filter: {} };
        const answers = [
          await object().put(other, [piece()]),
          await object().search(other, query),
          await object().get(other, ["x"]),
          await object().list(other, {}, null, 5),
          await object().removeIds(other, ["x"]),
          await object().removeFitting(other, {}),
          await object().clear(other),
          await object().stats(other),
          await object().unembedded(other, 5),
          await object().setVectors(other, [{ id: "x", vector: direction(1) }]),
        ];
        for (const answer of answers)
          expect(answer).toMatchObject({ ok: false, refusal: { code: "isolation_violation" } });
      }
    };

    test("and refuses every other ref that is brought to it, also after it was evicted or cleared", async () => {
      const item = piece({ text: "The vault combination", vector: direction(1) });
      await put([item]);
      await refused();
      await evictDurableObject(object());
      await refused();
      expect(await found("vault", null)).toEqual([item.id]);
      got(await store.clear(ref));
      await refused();
      await evictDurableObject(object());
      await refused();
    });

    test("and is nobody's, with no table of its own, while it was only asked", async () => {
      expect(await found("anything", direction(1))).toEqual([]);
      got(await store.remove(ref, { filter: {} }));
      got(await store.stats(ref));
      got(await store.clear(ref));
      expect(await tables()).toEqual([]);
    });
  });

  test("loses nothing when it is evicted between any two calls", async () => {
    const items = Array.from({ length: 20 }, (_, at) => piece({ text: `item${at} manual`, vector: direction(at) }));
    for (const item of items) {
      await put([item]);
      await evictDurableObject(object());
    }
    expect(await found("item7", null)).toEqual([items[7]?.id]);
    expect((await found("", direction(13)))[0]).toBe(items[13]?.id);
    got(await store.remove(ref, { ids: [items[7]?.id ?? ""] }));
    await evictDurableObject(object());
    expect(await found("item7", direction(7), {}, 100)).not.toContain(items[7]?.id);
    expect(got(await store.stats(ref))).toMatchObject({ items: 19, vectors: 19 });
  });

  test("leaves no byte of what was removed in any row", async () => {
    await put([piece({ text: "Some other text", tags: ["kept"], vector: direction(1) })]);
    const vectorTables = (await tables()).filter((name) => name.startsWith("vectors_"));
    const before = await values(vectorTables);
    const gone = piece({ text: "Zanzibarquux", title: "Quetzalxyz", tags: ["secrettag"], vector: direction(2) });
    await put([gone]);
    const during = await everything();
    for (const word of ["zanzibar", "quetzal", "secrettag", gone.id]) expect(during).toContain(word);
    expect(await values(vectorTables)).not.toEqual(before);
    got(await store.remove(ref, { ids: [gone.id] }));
    const after = await everything();
    for (const word of ["zanzibar", "quetzal", "secrettag", gone.id]) expect(after).not.toContain(word);
    expect(await values(vectorTables)).toEqual(before);
  });

  test("is empty but for its owner once it was cleared", async () => {
    await put(Array.from({ length: 30 }, (_, at) => piece({ text: "The vault combination", vector: direction(at) })));
    expect(got(await store.clear(ref))).toEqual({ removed: 30 });
    const kept = await runInDurableObject(object(), async (_, { storage }) => [...(await storage.list()).keys()]);
    expect(kept).toEqual(["owner"]);
    expect(await tables()).toEqual([]);
    expect(await runDurableObjectAlarm(object())).toBe(false);
  });

  test("finds in a common word what holds the rare one, and the newest when there is no rare one", async () => {
    const items = Array.from({ length: 1_500 }, (_, at) =>
      piece({ text: at === 700 ? "plant manometer" : "plant valve" }),
    );
    await put(items);
    expect((await found("plant manometer", null))[0]).toBe(items[700]?.id);
    expect(await found("plant", null, {}, 100)).toHaveLength(100);
  });

  test("finds what was written in one language by that language's other endings", async () => {
    const russian = piece({ text: "Поставщик прислал договоры и счета на оплату" });
    const english = piece({ text: "The supplier was sending contracts and invoices" });
    await put([russian, english]);
    for (const text of ["договор поставщика", "какие договорами", "ПОСТАВЩИКИ"])
      expect(await found(text, null)).toEqual([russian.id]);
    for (const text of ["send contract", "invoice", "SUPPLIERS"]) expect(await found(text, null)).toEqual([english.id]);
  });

  test("narrows by filters that many items fit, also those put and removed since it last looked", async () => {
    const asked = direction(5);
    const items = Array.from({ length: 2_400 }, (_, at) =>
      interaction({ text: "same words", success: true, vector: near(asked, 0.5, at + 10) }),
    );
    await put(items);
    const best = interaction({ text: "same words", success: true, vector: near(asked, 0.95, 1) });
    const failed = interaction({ text: "same words", success: false, vector: near(asked, 0.99, 2) });
    const success = { success: true };
    expect(await found("", asked, success)).toHaveLength(10);
    await put([best, failed]);
    expect((await found("", asked, success))[0]).toBe(best.id);
    expect(await found("same words", asked, success, 100)).not.toContain(failed.id);
    await put([
      { ...best, success: false },
      { ...failed, success: true },
    ]);
    expect((await found("", asked, success))[0]).toBe(failed.id);
    expect(await found("", asked, success, 100)).not.toContain(best.id);
    got(await store.remove(ref, { ids: [failed.id] }));
    expect(await found("same words", asked, success, 100)).not.toContain(failed.id);
    expect(got(await store.remove(ref, { filter: success }))).toEqual({ removed: 2_400 });
    expect(got(await store.stats(ref))).toMatchObject({ items: 1, vectors: 1 });
  });

  test("answers rightly while its index is built, by its alarm alone, and after", async () => {
    const dimensions = 16;
    const many = TUNING.flat + 400;
    ref = { ...ref, embedding: { model: "small", dimensions } };
    const items = Array.from({ length: many }, (_, at) =>
      piece({ text: `item${at}`, vector: direction(at, dimensions) }),
    );
    await put(items);
    const looked = [3, 4_000, many - 1];
    const right = async () => {
      for (const at of looked) expect((await found("", direction(at, dimensions)))[0]).toBe(items[at]?.id);
    };
    expect(got(await store.stats(ref)).building).toBe(true);
    await right();
    got(await store.remove(ref, { ids: [items[5_000]?.id ?? ""] }));
    for (let slices = 0; got(await store.stats(ref)).building; slices += 1) {
      expect(slices).toBeLessThan(2_000);
      await runDurableObjectAlarm(object());
      if (slices % 5 === 0) await right();
      if (slices === 3) await evictDurableObject(object());
    }
    await right();
    expect(await found("", direction(5_000, dimensions), {}, 100)).not.toContain(items[5_000]?.id);
    expect(got(await store.stats(ref))).toMatchObject({ items: many - 1, vectors: many - 1, building: false });
  });

  describe("with another embedding model", () => {
    const next = (): ContextRef => ({ ...ref, embedding: { model: "next", dimensions: 16 } });

    test("keeps its vectors until one of the new model comes", async () => {
      await put([piece({ text: "orchid", vector: direction(1) })]);
      const late = piece({ text: "late" });
      got(await store.put(next(), [late]));
      expect(got(await store.stats(next()))).toMatchObject({ items: 2, vectors: 0, pending: 2 });
      expect(await found("", direction(1))).toHaveLength(1);
      got(await store.setVectors(next(), [{ id: late.id, vector: direction(1, 16) }]));
      expect(got(await store.stats(next()))).toMatchObject({ items: 2, vectors: 1, pending: 1 });
      expect(await found("", direction(1))).toEqual([]);
      expect(await found("orchid", direction(1))).toHaveLength(1);
    });
  });

  describe("refuses", () => {
    const invalid = { ok: false, refusal: { code: "invalid_request" } };

    test.each<[string, () => NewContextItem[]]>([
      ["more than five hundred items", () => Array.from({ length: 501 }, () => piece())],
      ["an id that is no UUID", () => [piece({ id: "1" })]],
      ["a text that should be several", () => [piece({ text: "a".repeat(32_769) })]],
      ["a vector that is not made of numbers", () => [piece({ vector: direction(1).fill(Number.NaN, 3, 4) })]],
      ["too many tags", () => [piece({ tags: Array.from({ length: 257 }, (_, at) => `${at}`) })]],
    ])("%s, and keeps nothing of them", async (_, items) => {
      expect(
        await store.put(ref, [
          ...items()
            .slice(0, 1)
            .map((item) => ({ ...item })),
          ...items(),
        ]),
      ).toMatchObject(invalid);
      expect(await tables()).toEqual([]);
    });

    test("a search for none, or for more than a hundred", async () => {
      for (const topK of [0, -1, 101])
        expect(await store.search(ref, { text: "a", vector: null, topK, filter: {} })).toMatchObject(invalid);
    });
  });

  test("that is broken is unavailable, and says nothing of what it holds", async () => {
    await put([piece({ text: "The vault combination" })]);
    await runInDurableObject(object(), (_, { storage }) => storage.sql.exec("DROP TABLE contents").toArray());
    const answer = await store.search(ref, { text: "vault", vector: null, topK: 5, filter: {} });
    expect(answer).toEqual({ ok: false, refusal: { code: "context_unavailable" } });
  });
});
