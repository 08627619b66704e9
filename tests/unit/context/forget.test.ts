// Forgetting an item takes along what repeats it, and nothing else.
import { beforeEach, describe, expect, test } from "vitest";
import { mintId } from "#adapters/ids.ts";
import { sha256Hex } from "#adapters/keyring.ts";
import { forgetFitting, forgetItems } from "#domain/context/forget.ts";
import { restsOn, uuidOf } from "#domain/context/interaction.ts";
import type { ContextRef, ContextStore, NewContextItem } from "#domain/context/port.ts";
import { contextRef } from "#domain/context/ref.ts";
import { keyOf } from "#schema/ids.ts";
import { exactContexts } from "#tests/support/exact-contexts.ts";

const idOf = (name: string): string => uuidOf(sha256Hex(name));

const item = (name: string, cites: readonly string[] = [], run = mintId("run")): NewContextItem => ({
  id: idOf(name),
  text: name,
  title: name,
  at: 1,
  success: true,
  tags: ["direct", ...cites.map((cited) => restsOn(idOf(cited)))],
  source: { kind: "interaction", run_id: run, step_id: mintId("step"), room_id: mintId("room"), work: "direct" },
  vector: null,
});

let store: ContextStore;
let ref: ContextRef;
beforeEach(() => {
  store = exactContexts();
  const projectId = mintId("project");
  const agentId = mintId("agent", keyOf(projectId));
  ref = contextRef({ userId: mintId("user"), projectId, agentId, name: "Ada" }, { model: "m", dimensions: 8 });
});

const left = async (): Promise<string[]> => {
  const page = await store.list(ref, {}, null, 100);
  return page.ok ? page.value.items.map(({ text }) => text).sort() : [];
};

describe("forgetting", () => {
  test("takes along what rests on an item, however indirectly", async () => {
    await store.put(ref, [item("fact"), item("answer", ["fact"]), item("later", ["answer"]), item("other", ["else"])]);
    expect(await forgetItems(store, ref, [idOf("fact")])).toEqual({ ok: true, value: { removed: 1, also: 2 } });
    expect(await left()).toEqual(["other"]);
  });

  test("ends where items rest on one another", async () => {
    await store.put(ref, [item("one", ["other"]), item("other", ["one"]), item("third")]);
    expect(await forgetItems(store, ref, [idOf("one")])).toEqual({ ok: true, value: { removed: 1, also: 1 } });
    expect(await left()).toEqual(["third"]);
  });

  test("of a run takes all of its items and what rests on them", async () => {
    const run = mintId("run");
    await store.put(ref, [item("a", [], run), item("b", [], run), item("c", ["b"]), item("d")]);
    expect(await forgetFitting(store, ref, { run_id: run })).toEqual({ ok: true, value: { removed: 2, also: 1 } });
    expect(await left()).toEqual(["d"]);
  });

  test("of many items asks after all of them", async () => {
    const many = Array.from({ length: 130 }, (_, at) => item(`piece ${at}`));
    await store.put(ref, [...many, item("answer", ["piece 129"])]);
    const gone = await forgetItems(
      store,
      ref,
      many.map(({ id }) => id),
    );
    expect(gone).toEqual({ ok: true, value: { removed: 130, also: 1 } });
  });

  test("of nothing is nothing", async () => {
    await store.put(ref, [item("a")]);
    expect(await forgetItems(store, ref, [idOf("unknown")])).toEqual({ ok: true, value: { removed: 0, also: 0 } });
    expect(await left()).toEqual(["a"]);
  });

  test("that breaks off leaves what was named, to be named again", async () => {
    await store.put(ref, [item("fact"), item("answer", ["fact"])]);
    const failing: ContextStore = {
      ...store,
      remove: async () => ({ ok: false, refusal: { code: "context_unavailable" } }),
    };
    expect(await forgetItems(failing, ref, [idOf("fact")])).toMatchObject({ ok: false });
    expect(await left()).toEqual(["answer", "fact"]);
  });
});
