// Throwing away by rules: documents whole, and with what rests on what goes.
import { beforeEach, describe, expect, test } from "vitest";
import { mintId } from "#adapters/ids.ts";
import { sha256Hex } from "#adapters/keyring.ts";
import { restsOn, uuidOf } from "#domain/context/interaction.ts";
import type { ContextRef, ContextStore, NewContextItem } from "#domain/context/port.ts";
import { type PruneRule, pruneContext } from "#domain/context/prune.ts";
import { contextRef } from "#domain/context/ref.ts";
import { keyOf } from "#schema/ids.ts";
import { exactContexts } from "#tests/support/exact-contexts.ts";

const idOf = (name: string): string => uuidOf(sha256Hex(name));

const talk = (name: string, at: number, cites: readonly string[] = []): NewContextItem => ({
  id: idOf(name),
  text: name,
  title: name,
  at,
  success: true,
  tags: cites.map((cited) => restsOn(idOf(cited))),
  source: { kind: "interaction", run_id: "run", step_id: "step", room_id: "room", work: "direct" },
  vector: null,
});

const pieces = (name: string, at: number, count: number): NewContextItem[] =>
  Array.from({ length: count }, (_, index) => ({
    ...talk(`${name} ${index}`, at),
    success: null,
    source: {
      ...{ kind: "document", document_id: name, title: name, media_type: "text/plain", headings: [], page: null },
      ...{ index, pieces: count, from: index, to: index + 1 },
    },
  }));

let store: ContextStore;
let ref: ContextRef;
beforeEach(async () => {
  store = exactContexts();
  const projectId = mintId("project");
  const agentId = mintId("agent", keyOf(projectId));
  ref = contextRef({ userId: mintId("user"), projectId, agentId, name: "Ada" }, { model: "m", dimensions: 8 });
  const items = [talk("old", 1), ...pieces("book", 2, 5), talk("cites the book", 9, ["book 3"]), talk("new", 10)];
  await store.put(ref, items);
});

const left = async (): Promise<string[]> => {
  const page = await store.list(ref, {}, null, 100);
  return page.ok ? page.value.items.map(({ text }) => text.replace(/ \d$/, "")).sort() : [];
};
const BOOK = ["book", "book", "book", "book", "book"];

describe("pruning", () => {
  test.each<[string, PruneRule, { removed: number; also: number }, string[]]>([
    ["by age takes the answers that rest on a document with it", { before: 3 }, { removed: 6, also: 1 }, ["new"]],
    [
      "by number keeps a document whole that begins within it",
      { maxCount: 3 },
      { removed: 1, also: 0 },
      [...BOOK, "cites the book", "new"],
    ],
    ["by number takes a document whole that begins beyond it", { maxCount: 2 }, { removed: 6, also: 1 }, ["new"]],
    [
      "by kind and number counts only that kind",
      { kind: "interaction", maxCount: 1 },
      { removed: 2, also: 0 },
      [...BOOK, "new"],
    ],
    ["down to nothing leaves nothing", { maxCount: 0 }, { removed: 8, also: 0 }, []],
    ["without a rule throws away nothing", {}, { removed: 0, also: 0 }, [...BOOK, "cites the book", "new", "old"]],
  ])("%s", async (_, rule, gone, stays) => {
    const pruned = await pruneContext(store, ref, rule);
    expect(pruned.ok && pruned.value.removed + pruned.value.also).toBe(gone.removed + gone.also);
    expect(await left()).toEqual(stays);
  });

  test("of more than one call's worth takes all of it", async () => {
    const many = [...pieces("tome", 3, 700), ...pieces("volume", 4, 700)];
    for (let from = 0; from < many.length; from += 100)
      expect(await store.put(ref, many.slice(from, from + 100))).toMatchObject({ ok: true });
    expect(await pruneContext(store, ref, { kind: "document" })).toEqual({
      ok: true,
      value: { removed: 1_405, also: 1 },
    });
    expect(await left()).toEqual(["new", "old"]);
  });
});
