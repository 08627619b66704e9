// The object behind a user's memory, in the real runtime: what is recalled, what is sealed and how it lies in the rows, what
// deleting leaves, and that nobody else is served.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, test, vi } from "vitest";
import { mintId } from "#adapters/ids.ts";
import { embed } from "#adapters/models/offline/embeddings.ts";
import { OFFLINE_EMBEDDING_MODEL } from "#adapters/models/offline/model-name.ts";
import { MemoryEmbedding } from "#durable-objects/user-memory/embedding.ts";
import { MEMORY_LIMITS, type NewMemory } from "#schema/memory.ts";
import { association, core, episode, freshMemory, noted } from "#tests/support/workerd/memories.ts";
import { must } from "#tests/support/workerd/spaces.ts";

const OFFLINE_EMBEDDING = { model: OFFLINE_EMBEDDING_MODEL, dimensions: 384 };
const PASSPHRASE = "a long walk by the sea";

const learnedIn = (run_id: ReturnType<typeof mintId<"run">>, quote?: string, once: string | null = null) =>
  ({
    trust: "model",
    provenance: { source: "learned", run_id, ...(quote === undefined ? {} : { quote }) },
    onceKey: once,
  }) satisfies Partial<NewMemory>;

const keptOf = async (memory: ReturnType<typeof freshMemory>, wanted: NewMemory, passphrase: string | null = null) => {
  const [kept] = must(await memory.of(passphrase).remember(wanted));
  if (kept?.kept !== true) throw new Error(`not kept: ${JSON.stringify(kept)}`);
  return kept;
};

describe("remembering", () => {
  test("a core block takes the place of the one with its key, and every question is shown all of them", async () => {
    const memory = freshMemory();
    const first = await keptOf(memory, noted(core("Home town", "Berlin")));
    const second = await keptOf(memory, noted(core("home_town", "Lisbon")));
    expect(second.id).toBe(first.id);
    await keptOf(memory, noted(core("dog", "Rex")));
    const recalled = must(await memory.asks("anything"));
    expect(recalled.core.map(({ key, value }) => [key, value])).toEqual([
      ["dog", "Rex"],
      ["home_town", "Lisbon"],
    ]);
  });

  test("core memory has bounds in blocks and in characters", async () => {
    const memory = freshMemory();
    for (let at = 0; at < MEMORY_LIMITS.coreBlocks; at += 1) await keptOf(memory, noted(core(`key ${at}`, "x")));
    const [one] = must(await memory.of().remember(noted(core("one more", "x"))));
    expect(one).toMatchObject({ kept: false, refusal: { code: "quota_exceeded" } });
    const other = freshMemory();
    for (let at = 0; at < 3; at += 1) await keptOf(other, noted(core(`key ${at}`, "x".repeat(1_990))));
    await keptOf(other, noted(core("key 3", "x".repeat(1_900))));
    const [long] = must(await other.of().remember(noted(core("key 4", "x".repeat(200)))));
    expect(long).toMatchObject({ kept: false, refusal: { code: "quota_exceeded" } });
  });

  test("the same key of a repeat writes the same memory, once", async () => {
    const memory = freshMemory();
    const wanted = noted(association("Rex", "Rex is the user's dog"), { onceKey: "tc_1" });
    const first = await keptOf(memory, wanted);
    const again = await keptOf(memory, wanted);
    expect(again).toEqual({ ...first, changed: false });
    expect(must(await memory.of().list("associative", null, 10)).items).toHaveLength(1);
  });

  test("what a tool read does not become core memory", async () => {
    const memory = freshMemory();
    const [refused] = must(await memory.of().remember(noted(core("bank", "send it there"), { trust: "tool" })));
    expect(refused).toMatchObject({ kept: false, refusal: { code: "policy_denied" } });
  });

  test("of associations those that bear on the question are recalled, of sessions the newest of the same project first", async () => {
    const memory = freshMemory();
    const [here, elsewhere] = [mintId("project"), mintId("project")];
    await keptOf(memory, noted(association("Rex", "Rex is the user's dog and is afraid of thunder")));
    await keptOf(memory, noted(association("Oolong", "Oolong is the user's favourite tea")));
    await keptOf(memory, noted(episode("They planned a thunder sensor for the dog", elsewhere)));
    await keptOf(memory, noted(episode("They talked about a dog door", here)));
    await keptOf(memory, noted(episode("They compared tax forms", here)));
    const recalled = must(await memory.asks("What is my dog afraid of?", { projectId: here }));
    expect(recalled.items.map(({ type, text }) => [type, text])).toEqual([
      ["associative", "Rex is the user's dog and is afraid of thunder"],
      ["episodic", "They talked about a dog door"],
      ["episodic", "They planned a thunder sensor for the dog"],
    ]);
    expect(must(await memory.asks("How high is Mount Everest?")).items).toEqual([]);
  });

  test("eviction loses nothing", async () => {
    const memory = freshMemory();
    await keptOf(memory, noted(core("name", "Ada")));
    await keptOf(memory, noted(core("secret", "42")), PASSPHRASE);
    await evictDurableObject(memory.object);
    expect(must(await memory.asks("who am I?")).core).toMatchObject([{ key: "name", value: "Ada" }]);
    expect(must(await memory.asks("who am I?", { passphrase: PASSPHRASE })).core).toHaveLength(2);
  });

  test("nobody but its owner is served", async () => {
    const memory = freshMemory();
    await keptOf(memory, noted(core("name", "Ada")));
    const stranger = mintId("user");
    const refused = { ok: false, refusal: { code: "isolation_violation" } };
    expect(await memory.object.settings(stranger)).toEqual(refused);
    expect(await memory.object.list(stranger, "core", null, 10, null)).toEqual(refused);
    expect(await memory.object.reseal(stranger, null, "long enough")).toEqual(refused);
  });
});

describe("under a passphrase", () => {
  test("nothing of a sealed memory stands in the rows, and without the passphrase it is only there", async () => {
    const memory = freshMemory();
    await keptOf(memory, noted(core("bank", "Umbrella Trust")), PASSPHRASE);
    await keptOf(memory, noted(association("Zanzibar", "They hide in Zanzibar")), PASSPHRASE);
    const raw = await memory.raw();
    for (const word of ["bank", "Umbrella", "Zanzibar", "hide", PASSPHRASE]) expect(raw).not.toContain(word);
    const shut = must(await memory.of().list("core", null, 10));
    expect(shut).toMatchObject({ items: [{ locked: true, type: "core" }], locked: 1 });
    expect(must(await memory.asks("Where do they hide?"))).toMatchObject({ core: [], items: [], locked: 2 });
    const open = must(await memory.asks("Where do they hide?", { passphrase: PASSPHRASE }));
    expect(open).toMatchObject({
      core: [{ key: "bank", value: "Umbrella Trust" }],
      items: [{ type: "associative", text: "They hide in Zanzibar" }],
      locked: 0,
    });
  });

  test("a wrong passphrase is told so, before and after the object was evicted", async () => {
    const memory = freshMemory();
    await keptOf(memory, noted(core("bank", "Umbrella Trust")), PASSPHRASE);
    const wrong = { ok: false, refusal: { code: "memory_passphrase_wrong" } };
    expect(await memory.of("a short walk by the sea").list("core", null, 10)).toEqual(wrong);
    await evictDurableObject(memory.object);
    expect(await memory.asks("anything", { passphrase: "another" })).toEqual(wrong);
    expect(await memory.of("another").remember(noted(core("a", "b")))).toEqual(wrong);
  });

  test("a sealed row that was put in another's place does not open", async () => {
    const memory = freshMemory();
    const mine = await keptOf(memory, noted(core("one", "first")), PASSPHRASE);
    const other = await keptOf(memory, noted(core("two", "second")), PASSPHRASE);
    await evictDurableObject(memory.object);
    await runInDurableObject(memory.object, (_, { storage }) => {
      storage.sql.exec(
        "UPDATE memories SET body = (SELECT body FROM memories WHERE id = ?) WHERE id = ?",
        mine.id,
        other.id,
      );
    });
    const { items } = must(await memory.of(PASSPHRASE).list("core", null, 10));
    expect(items.map(({ locked }) => locked).sort()).toEqual([false, true]);
  });

  test("everything is put under another passphrase, and opened again for good", async () => {
    const memory = freshMemory();
    await keptOf(memory, noted(core("name", "Ada")));
    await keptOf(memory, noted(core("bank", "Umbrella")), PASSPHRASE);
    expect(await memory.of().reseal("next passphrase")).toMatchObject({ refusal: { code: "memory_locked" } });
    expect(must(await memory.of(PASSPHRASE).reseal("next passphrase"))).toEqual({ resealed: 2 });
    expect(await memory.raw()).not.toContain("Ada");
    expect(await memory.of(PASSPHRASE).list("core", null, 10)).toMatchObject({ ok: false });
    expect(must(await memory.asks("x", { passphrase: "next passphrase" })).core).toHaveLength(2);
    expect(must(await memory.of("next passphrase").reseal(null))).toEqual({ resealed: 2 });
    expect(must(await memory.asks("x")).core).toHaveLength(2);
    // Nothing is sealed any more, so any passphrase may be the next.
    await keptOf(memory, noted(core("bank", "Umbrella Trust")), "a third one");
    expect(must(await memory.asks("x"))).toMatchObject({ core: [{ key: "name" }], locked: 1 });
  });

  test("what is shut can be deleted, and with the last of it the passphrase is forgotten", async () => {
    const memory = freshMemory();
    const { id } = await keptOf(memory, noted(core("bank", "Umbrella")), PASSPHRASE);
    must(await memory.of().forget("core", id));
    expect(must(await memory.of("anything else").list("core", null, 10))).toMatchObject({ items: [] });
  });
});

describe("deleting", () => {
  test("leaves a marker without content, and old values are gone too", async () => {
    const memory = freshMemory();
    await keptOf(memory, noted(core("town", "Wolfenbüttel")));
    const { id } = await keptOf(memory, noted(core("town", "Quedlinburg")));
    must(await memory.of().forget("core", id));
    const raw = await memory.raw();
    expect(raw).toContain(id);
    for (const word of ["Wolfenbüttel", "Quedlinburg", "town"]) expect(raw).not.toContain(word);
    expect(await memory.of().forget("core", id)).toMatchObject({ ok: false, refusal: { code: "not_found" } });
  });

  test("takes along what was derived from the same words, and leaves what was said beside them", async () => {
    const memory = freshMemory();
    const run = mintId("run");
    const other = mintId("run");
    const dog = await keptOf(memory, noted(core("dog", "Rex"), learnedIn(run, "My dog is called Rex")));
    const twin = await keptOf(memory, noted(association("Rex", "Rex is the user's dog"), learnedIn(run)));
    const summary = await keptOf(memory, noted(episode("They spoke of Rex"), learnedIn(run)));
    await keptOf(memory, noted(core("work", "Acme"), learnedIn(run, "I work at Acme")));
    await keptOf(memory, noted(association("Rex", "Rex is a film"), learnedIn(other)));
    const gone = must(await memory.of().forget("core", dog.id));
    expect(gone.also.map(({ id }) => id).sort()).toEqual([twin.id, summary.id].sort());
    expect(gone.runIds).toEqual([run]);
    expect(must(await memory.asks("Rex")).core.map(({ key }) => key)).toEqual(["work"]);
    expect(must(await memory.asks("Rex")).items.map(({ text }) => text)).toEqual(["Rex is a film"]);
  });

  test("is told to whoever asks after it by its id, without a passphrase", async () => {
    const memory = freshMemory();
    const [gone, kept] = [
      await keptOf(memory, noted(core("dog", "Rex")), PASSPHRASE),
      await keptOf(memory, noted(core("cat", "Tom")), PASSPHRASE),
    ];
    must(await memory.of(PASSPHRASE).forget("core", gone.id));
    expect(must(await memory.space.forgottenOf(memory.userId, [gone.id, kept.id]))).toEqual([gone.id]);
  });

  test("what was deleted is not learned from the same run again", async () => {
    const memory = freshMemory();
    const run = mintId("run");
    const wanted = noted(core("dog", "Rex"), learnedIn(run, "My dog is called Rex", "once"));
    const { id } = await keptOf(memory, wanted);
    must(await memory.of().forget("core", id));
    const [again] = must(await memory.of().remember(wanted));
    expect(again).toMatchObject({ kept: false, refusal: { code: "memory_forgotten" } });
    expect(must(await memory.space.ground(memory.userId, [run, mintId("run")], [], null)).forgotten).toEqual([run]);
    // In a later run it is said anew, and that is another matter.
    await keptOf(memory, noted(core("dog", "Rex"), learnedIn(mintId("run"), "My dog is called Rex", "twice")));
  });

  test("a merged summary stands for its parts, and is deleted with what any of them held", async () => {
    const memory = freshMemory();
    const runs = [mintId("run"), mintId("run")] as const;
    const parts = await Promise.all(
      runs.map((run, at) => keptOf(memory, noted(episode(`They spoke of Rex ${at}`), learnedIn(run)))),
    );
    const merged = must(
      await memory.space.merge(
        { userId: memory.userId, passphrase: null, payer: memory.payer },
        parts.map(({ id }) => id),
        noted(episode("They spoke of Rex twice"), { trust: "model", provenance: { source: "learned" } }),
      ),
    );
    expect(merged.kept).toBe(true);
    expect(must(await memory.of().list("episodic", null, 10)).items).toHaveLength(1);
    const dog = await keptOf(memory, noted(core("dog", "Rex"), learnedIn(runs[0], "My dog is called Rex")));
    expect(must(await memory.of().forget("core", dog.id)).also).toHaveLength(1);
  });
});

test("pages go from the newest to the oldest, each memory once", async () => {
  const memory = freshMemory();
  for (let at = 0; at < 5; at += 1) await keptOf(memory, noted(association(`thing ${at}`, `thing ${at} is here`)));
  const first = must(await memory.of().list("associative", null, 3));
  const labels = first.items.map((item) =>
    item.locked ? null : item.content.type === "associative" && item.content.label,
  );
  expect(labels).toEqual(["thing 4", "thing 3", "thing 2"]);
  expect(first.next_cursor).not.toBeNull();
});

test("of two projects that would look for what recurs one does, and the other comes again when it is over", async () => {
  const memory = freshMemory();
  const [first, second] = [mintId("project"), mintId("project")];
  const claim = (project: typeof first, upTo: number) => memory.space.claimLook(memory.userId, project, upTo);
  expect(await claim(first, 3)).toMatchObject({ ok: true, value: null });
  const told = await claim(second, 3);
  expect(told.ok && told.value).toBeGreaterThan(Date.now());
  // What was broken off is taken up by whoever began it.
  expect(await claim(first, 3)).toMatchObject({ ok: true, value: null });
  expect(await memory.space.lookedBack(memory.userId, 3)).toMatchObject({ ok: true });
  // What was seen meanwhile is no reason to look; what came after it is.
  const seen = await claim(second, 3);
  expect(seen.ok && seen.value).not.toBeNull();
  expect(await claim(second, 4)).toMatchObject({ ok: true, value: null });
});

test("learning is on until it is turned off", async () => {
  const memory = freshMemory();
  expect(must(await memory.of().settings())).toEqual({ learning: true });
  must(await memory.of().setSettings({ learning: false }));
  await evictDurableObject(memory.object);
  expect(must(await memory.space.ground(memory.userId, [], [], null)).learning).toBe(false);
});

describe("vectors", () => {
  const wait = async (memory: ReturnType<typeof freshMemory>, count: number) =>
    await expect
      .poll(() =>
        runInDurableObject(memory.object, (_, { storage }) =>
          Number(storage.sql.exec("SELECT count(embedded) AS n FROM memories").one().n),
        ),
      )
      .toBe(count);
  /** Its words say nothing; its vector is that of this text. */
  const question = (text: string) => ({
    vector: embed(text, OFFLINE_EMBEDDING.dimensions),
    embedding: OFFLINE_EMBEDDING,
  });

  test("are made after the write, find what no whole word of the question stands in, and go with their memory", async () => {
    const memory = freshMemory();
    const { id } = await keptOf(memory, noted(association("Thunderstorms", "thunderstorms")));
    await keptOf(memory, noted(association("Oolong", "oolong")));
    await wait(memory, 2);
    const asks = async () => must(await memory.asks("zzz", question("Thunderstorms: thunderstorms"))).items;
    expect(await asks()).toMatchObject([{ id }]);
    must(await memory.of().forget("associative", id));
    expect(await asks()).toEqual([]);
    await wait(memory, 1);
  });

  test("that could not be made are made by the alarm, though nobody comes, and also after an eviction", async () => {
    const failing = vi.spyOn(MemoryEmbedding.prototype, "catchUp").mockResolvedValue();
    const memory = freshMemory();
    const alarmAt = () => runInDurableObject(memory.object, (_, { storage }) => storage.getAlarm());
    await keptOf(memory, noted(association("Rex", "Rex is the user's dog")));
    await expect.poll(alarmAt).not.toBeNull();
    const first = (await alarmAt()) ?? 0;
    await evictDurableObject(memory.object);
    expect(await runDurableObjectAlarm(memory.object)).toBe(true);
    await expect.poll(alarmAt).not.toBeNull();
    expect((await alarmAt()) ?? 0).toBeGreaterThan(first);
    failing.mockRestore();
    expect(await runDurableObjectAlarm(memory.object)).toBe(true);
    const waiting = () =>
      runInDurableObject(
        memory.object,
        (_, { storage }) =>
          storage.sql.exec("SELECT 1 FROM memories WHERE type = 'associative' AND embedded IS NULL").toArray().length,
      );
    expect(await waiting()).toBe(0);
    expect(await alarmAt()).toBeNull();
  });

  test("of what is sealed are sealed with it, and compared when it is open", async () => {
    const memory = freshMemory();
    await keptOf(memory, noted(association("Thunderstorms", "thunderstorms")), PASSPHRASE);
    await wait(memory, 1);
    const tables = await runInDurableObject(memory.object, (_, { storage }) =>
      storage.sql.exec("SELECT count(*) AS n FROM sqlite_master WHERE name LIKE 'plain%'").one(),
    );
    expect(tables).toEqual({ n: 0 });
    const near = question("Thunderstorms: thunderstorms");
    const asked = { ...near, passphrase: PASSPHRASE };
    expect(must(await memory.asks("zzz", asked)).items).toHaveLength(1);
    expect(must(await memory.asks("zzz", near)).items).toEqual([]);
  });
});
