// Documents over a crash: what is half there is not taken for the whole, and does not stay for good.
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { priceBook } from "#domain/billing/price.ts";
import { addDocument } from "#domain/context/add-document.ts";
import { listDocuments, removeDocument } from "#domain/context/documents.ts";
import { itemsFitting } from "#domain/context/forget.ts";
import type { ContextStore } from "#domain/context/port.ts";
import { keyOf } from "#schema/ids.ts";
import { ok, type Result } from "#schema/result.ts";
import { DIMENSIONS, direction, refOf } from "#tests/support/context-items.ts";
import { exactContexts } from "#tests/support/exact-contexts.ts";

const MINUTE = 60_000;
const ref = refOf();
const manual = (edition: string): string =>
  Array.from({ length: 120 }, (_, at) => `# Part ${at}\n\n${`${edition} says this of part ${at}. `.repeat(40)}`).join(
    "\n\n",
  );

/** Calls of one kind are answered so many times; the next one never comes back, as when the process is killed. */
const dying = (store: ContextStore, kind: "put" | "remove", after: number): ContextStore => {
  let left = after;
  const orDie = async <T>(call: () => Promise<T>): Promise<T> => {
    if (left === 0) throw new Error("killed");
    left -= 1;
    return await call();
  };
  return kind === "put"
    ? { ...store, put: (of, items) => orDie(() => store.put(of, items)) }
    : { ...store, remove: (of, which) => orDie(() => store.remove(of, which)) };
};

const bring = (contexts: ContextStore, text: string, now: number, replace = false) =>
  addDocument(
    {
      contexts,
      model: {
        ...ref.embedding,
        embed: async (texts) =>
          ok({ vectors: texts.map((_, at) => direction(at, DIMENSIONS)), inputTokens: 1, costUsd: 0 }),
      },
      prices: priceBook(),
      spend: {
        meter: () => ({ reserve: () => Promise.reject(), settle: async () => [], forfeit: async () => [] }),
        alert: () => {},
        keepAlive: () => {},
      },
      hash: (value) => createHash("sha256").update(JSON.stringify(value)).digest("hex"),
      now: () => now,
    },
    {
      ref,
      key: keyOf(ref.projectId),
      account: { key: "document", projectId: ref.projectId, runLimitUsd: null, projectMonthlyLimitUsd: null },
      replace,
    },
    { title: "manual.md", mediaType: "text/markdown", text, isMarkdown: true, pages: null, tags: [] },
  );

const value = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(result.refusal.code);
  return result.value;
};
const titlesIn = async (store: ContextStore): Promise<string[]> =>
  value(await listDocuments(store, ref, null, 10)).documents.map(({ title }) => title);
const textsIn = async (store: ContextStore): Promise<string[]> => {
  const texts: string[] = [];
  value(await itemsFitting(store, ref, {}, ({ text }) => texts.push(text)));
  return texts;
};

describe("a document whose coming a crash cut off", () => {
  const halfThere = async (): Promise<ContextStore> => {
    const store = exactContexts();
    await expect(bring(dying(store, "put", 1), manual("the old one"), 0)).rejects.toThrow("killed");
    expect(await titlesIn(store)).toEqual([]);
    expect((await textsIn(store)).length).toBeGreaterThan(50);
    return store;
  };

  test("goes when its title comes again with other words", async () => {
    const store = await halfThere();
    const added = value(await bring(store, manual("the new one"), 20 * MINUTE));
    expect(added).toMatchObject({ created: true, replaced: [] });
    const texts = await textsIn(store);
    expect(texts).toHaveLength(added.pieces);
    expect(texts.filter((text) => text.includes("the old one"))).toEqual([]);
  });

  test("is whole when the same comes again", async () => {
    const store = await halfThere();
    const added = value(await bring(store, manual("the old one"), MINUTE));
    expect(await textsIn(store)).toHaveLength(added.pieces);
    expect(await titlesIn(store)).toEqual(["manual.md"]);
  });

  test("is left alone for a while: another request may still be bringing it", async () => {
    const store = await halfThere();
    const before = (await textsIn(store)).length;
    const added = value(await bring(store, manual("the new one"), MINUTE));
    expect(await textsIn(store)).toHaveLength(before + added.pieces);
  });
});

describe("a document whose going a crash cut off", () => {
  test("is still listed, and goes when it is asked for again", async () => {
    const store = exactContexts();
    const { id } = value(await bring(store, manual("the old one"), 0));
    await expect(removeDocument(dying(store, "remove", 1), ref, id)).rejects.toThrow("killed");
    expect(await titlesIn(store)).toEqual(["manual.md"]);
    value(await removeDocument(store, ref, id));
    expect(await textsIn(store)).toEqual([]);
  });
});
