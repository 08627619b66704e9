// Stories of what agents keep of what they did: once, off every answer's path, through kills and stores that fail, and nothing
// of what was taken back.
import { afterEach, describe, expect, it, vi } from "vitest";
import { embed } from "#adapters/models/offline/embeddings.ts";
import type { ContextItem, ContextStore } from "#domain/context/port.ts";
import { READ_STRANGERS } from "#domain/context/strange.ts";
import { actingFor } from "#domain/events/acting.ts";
import { fact } from "#domain/events/facts.ts";
import type { EmbeddingModel } from "#domain/models/embeddings.ts";
import type { MemoryId, RunId } from "#schema/ids.ts";
import { ok } from "#schema/result.ts";
import { interaction, piece } from "#tests/support/context-items.ts";
import { exactContexts } from "#tests/support/exact-contexts.ts";
import { knowing, refOf, storeWith } from "#tests/support/simulation/library.ts";
import { OFFLINE_EMBEDDING } from "#tests/support/simulation/space.ts";
import { afterTools, broken, calls, doing, must, planOf, Stage } from "#tests/support/simulation/stage.ts";

afterEach(() => {
  vi.useRealTimers();
});

const kept = async (stage: Stage, name = "Reader"): Promise<readonly ContextItem[]> =>
  must(await stage.space.contexts.list(refOf(stage, name), {}, null, 100)).items;

const pending = async (stage: Stage, name = "Reader"): Promise<number> =>
  must(await stage.space.contexts.stats(refOf(stage, name))).pending;

const done = async (stage: Stage, run: RunId): Promise<void> => {
  await stage.end(run);
  await stage.pass(60_000);
};

/** A stage whose store takes nothing until it is told to. */
const withStoreAway = async (
  answer: Parameters<typeof Stage.open>[0] = () => "Noted.",
  hands: Parameters<typeof Stage.open>[1] = {},
) => {
  const store = exactContexts();
  let away = true;
  const taken: string[] = [];
  const put: ContextStore["put"] = async (ref, items) => {
    if (away) return await unavailable();
    taken.push(...items.map(({ title }) => title));
    return await store.put(ref, items);
  };
  const stage = await Stage.open(answer, { ...hands, contexts: storeWith(store, { put }) });
  return {
    stage,
    /** The titles of whatever it ever took. */
    taken,
    come: (): void => {
      away = false;
    },
  };
};

const unavailable = async () => ({ ok: false as const, refusal: { code: "context_unavailable" as const } });

describe("what an agent keeps", () => {
  it("is every turn with its run, step, time, success and kind, once", async () => {
    const stage = await Stage.open(() => "It is called Rex.");
    const run = await stage.tell("Reader", "@Reader My dog is called Rex.");
    await done(stage, run);
    expect(await kept(stage)).toEqual([
      expect.objectContaining({
        text: "User asked: My dog is called Rex.\nAgent answered: It is called Rex.",
        success: true,
        at: Date.parse(stage.run(run).endedAt ?? ""),
        source: {
          kind: "interaction",
          run_id: run,
          step_id: stage.run(run).stepId,
          room_id: stage.room,
          work: "direct",
        },
      }),
    ]);
    expect(await pending(stage)).toBe(0);
    await stage.pass(3_600_000);
    expect(await kept(stage)).toHaveLength(1);
    expect(stage.space.defects).toEqual([]);
  });

  it("is also what failed, and every part of a team's work with whoever did it", async () => {
    const plan = planOf(["feed", "Reader"], ["bake", "Writer"]);
    const stage = await Stage.open((question) =>
      doing(plan, ({ words }) => (words === "do bake" ? broken(false) : `done: ${words}`))(question),
    );
    const run = await stage.ask("feed it and bake it");
    await done(stage, run);
    const of = async (name: string) =>
      (await kept(stage, name)).map(({ success, source }) => [success, source.kind === "interaction" && source.work]);
    expect(await of("Reader")).toEqual([[true, "step"]]);
    expect(await of("Writer")).toEqual([[false, "step"]]);
    expect(await of("Planner")).toEqual([[true, "synthesis"]]);
    expect((await kept(stage, "Writer"))[0]?.text).toBe("User asked: do bake\nIt failed: it broke");
  });

  it("is stored in one go, with one call for its vectors, however many turns ended together", async () => {
    let embedded = 0;
    const embeddings: EmbeddingModel = {
      ...OFFLINE_EMBEDDING,
      embed: async (texts) => {
        embedded += texts.length > 1 ? 1 : 0;
        return ok({ vectors: texts.map((text) => embed(text, 384)), inputTokens: 1, costUsd: 0 });
      },
    };
    const stage = await Stage.open(() => "done", { embeddings }, { Reader: { concurrency_limit: 20 } });
    for (let at = 0; at < 20; at += 1) await stage.tell("Reader", `thing number ${at}`);
    await stage.pass(60_000);
    expect(await kept(stage)).toHaveLength(20);
    expect(embedded).toBe(1);
  });

  it("goes to its store fifty turns at a time, with room for others between, however many ended", async () => {
    const store = exactContexts();
    const times: number[] = [];
    const put: ContextStore["put"] = async (ref, items) => {
      times.push(Date.now());
      return await store.put(ref, items);
    };
    const contexts = storeWith(store, { put });
    const stage = await Stage.open(() => "done", { contexts }, { Reader: { concurrency_limit: 200 } });
    for (let at = 0; at < 120; at += 1) await stage.tell("Reader", `thing number ${at}`);
    await stage.pass(120_000);
    expect(await kept(stage)).toHaveLength(100);
    expect(must(await store.stats(refOf(stage, "Reader"))).items).toBe(120);
    expect(times).toHaveLength(3);
    expect(new Set(times).size).toBe(3);
  });

  it("is marked when a tool had brought something before its one agent answered, and not when it just answered", async () => {
    const stage = await Stage.open((question) =>
      question.words === "look" && !afterTools(question)
        ? calls(["call_agent", { agent: "Writer", instruction: "help" }])
        : "Done.",
    );
    for (const words of ["look", "just say something"]) await done(stage, await stage.tell("Reader", words));
    const marked = Object.fromEntries(
      (await kept(stage)).map(({ text, tags }) => [text.split("\n")[0], tags.includes(READ_STRANGERS)]),
    );
    expect(marked).toEqual({ "User asked: look": true, "User asked: just say something": false });
  });

  it("is marked by what had been read when its turn ended, not by what the work read later", async () => {
    const store = exactContexts();
    const stage = await Stage.open(doing(planOf(["feed", "Reader"], ["bake", "Writer", "feed"])), { contexts: store });
    const text = "do bake like this";
    must(await store.put(refOf(stage, "Writer"), [piece({ text, vector: embed(text, OFFLINE_EMBEDDING.dimensions) })]));
    await done(stage, await stage.ask("feed it and bake it"));
    const marksOf = async (name: string) =>
      (await kept(stage, name)).flatMap(({ source, tags }) =>
        source.kind === "interaction" ? [tags.includes(READ_STRANGERS)] : [],
      );
    expect([await marksOf("Reader"), await marksOf("Writer")]).toEqual([[false], [true]]);
  });

  it("costs one row a batch, and nothing while there is nothing to keep", async () => {
    const stage = await Stage.open(() => "done");
    let rows = 0;
    const { meta } = stage.space.organs.core.tables;
    const put = meta.put.bind(meta);
    vi.spyOn(meta, "put").mockImplementation((row) => {
      if (row.key === "interactions") rows += 1;
      put(row);
    });
    for (let at = 0; at < 5; at += 1) await stage.tell("Reader", `thing ${at}`);
    await stage.pass(60_000);
    await stage.pass(3_600_000);
    expect(rows).toBe(1);
  });

  it("is nothing of a run that brought a passphrase", async () => {
    const stage = await Stage.open(() => "done");
    const run = must(
      await stage.space.organs.runs.post(stage.space.caller, {
        room_id: stage.room,
        content: "My pin is 1234",
        to: {
          kind: "agent",
          agent: stage.agents[1] ?? stage.agents[0],
          colleagues: [],
          limitUsd: null,
          projectLimitUsd: null,
        },
        idempotency_key: null,
        wait_ms: 0,
        secrets: { modelApiKey: null, modelProvider: null, memoryPassphrase: "correct horse" },
      }),
    ).run.id;
    await done(stage, run);
    expect(stage.run(run).status).toBe("completed");
    expect(await kept(stage)).toEqual([]);
  });
});

describe("what an agent keeps, though things go wrong", () => {
  it("is not lost by a kill at any commit, nor stored twice", async () => {
    for (let commits = 1; commits <= 14; commits += 1) {
      const stage = await Stage.open(() => "done");
      stage.space.disk.killAfter(commits);
      const run = await stage.tell("Reader", "My dog is called Rex.").catch(() => null);
      await stage.pass(60_000);
      await stage.kill();
      await stage.pass(120_000);
      if (run === null) continue;
      expect(stage.run(run).status, `killed after ${commits}`).toBe("completed");
      expect(await kept(stage), `killed after ${commits}`).toHaveLength(1);
      stage.space.close();
    }
  });

  it("waits for a store that cannot be reached, and is stored when it can", async () => {
    const { stage, come } = await withStoreAway();
    await done(stage, await stage.tell("Reader", "My dog is called Rex."));
    expect(await kept(stage)).toEqual([]);
    await stage.kill();
    await stage.pass(600_000);
    come();
    await stage.pass(3_600_000);
    expect(await kept(stage)).toHaveLength(1);
    expect(stage.space.defects).toEqual([]);
  });

  it("is stored without vectors where none are to be had, and given them later, also after a kill", async () => {
    let away = true;
    const failure = { code: "connection" as const, message: "", model: "", retryable: true, retryAfterMs: null };
    const embeddings: EmbeddingModel = {
      ...OFFLINE_EMBEDDING,
      embed: async (texts) =>
        away
          ? { ok: false, refusal: failure }
          : ok({ vectors: texts.map((text) => embed(text, 384)), inputTokens: 1, costUsd: 0 }),
    };
    const stage = await Stage.open(() => "done", { embeddings });
    await done(stage, await stage.tell("Reader", "My dog is called Rex."));
    expect(await kept(stage)).toHaveLength(1);
    expect(await pending(stage)).toBe(1);
    await stage.kill();
    away = false;
    await stage.pass(3_600_000);
    expect(await pending(stage)).toBe(0);
  });

  it("waits for vectors also when that was said while another's turn was being stored", async () => {
    const store = exactContexts();
    const stages: Stage[] = [];
    const put: ContextStore["put"] = async (ref, items) => {
      const [stage] = stages;
      if (stage !== undefined && ref.collection.includes("Reader")) {
        const writers = refOf(stage, "Writer");
        must(await store.put(writers, [{ ...interaction(), vector: null }]));
        stage.space.organs.interactions.vectorsWanted(writers.agentId);
      }
      return await store.put(ref, items);
    };
    const stage = await Stage.open(() => "done", { contexts: storeWith(store, { put }) });
    stages.push(stage);
    await done(stage, await stage.tell("Reader", "My dog is called Rex."));
    await stage.pass(3_600_000);
    expect(await kept(stage, "Writer")).toHaveLength(1);
    expect(await pending(stage, "Writer")).toBe(0);
  });

  it("is not what one agent's broken context holds up for another", async () => {
    const store = exactContexts();
    const put: ContextStore["put"] = async (ref, items) =>
      ref.collection.includes("Writer")
        ? { ok: false, refusal: { code: "invalid_request" } }
        : await store.put(ref, items);
    const stage = await Stage.open(() => "done", { contexts: storeWith(store, { put }) });
    await stage.tell("Writer", "one");
    await done(stage, await stage.tell("Reader", "two"));
    expect(await kept(stage)).toHaveLength(1);
  });
});

describe("what a store does not take", () => {
  it("loses nothing of the other turns, and is told as an incident that names its run and no word of it", async () => {
    const store = exactContexts();
    const put: ContextStore["put"] = async (ref, items) =>
      items.some(({ text }) => text.includes("Rex"))
        ? { ok: false, refusal: { code: "invalid_request" } }
        : await store.put(ref, items);
    const stage = await Stage.open(() => "Noted.", { contexts: storeWith(store, { put }) });
    const refused = await stage.tell("Reader", "My dog is called Rex.");
    await stage.tell("Reader", "My cat is called Tom.");
    await done(stage, await stage.tell("Writer", "My fish is called Sue."));
    await stage.kill();
    await stage.pass(3_600_000);
    const titles = [...(await kept(stage)), ...(await kept(stage, "Writer"))].map(({ title }) => title);
    expect(titles).toEqual(["My cat is called Tom.", "My fish is called Sue."]);
    const incidents = must(stage.space.organs.incidents.list(null, { limit: 10 })).items;
    expect(incidents).toEqual([expect.objectContaining({ run_id: refused, room_id: stage.room, severity: "low" })]);
    expect(incidents[0]?.details).toContain("Reader");
    expect(JSON.stringify(incidents)).not.toMatch(/Rex|dog/);
    expect(await stage.space.organs.replay.compare()).toMatchObject({ equal: true });
    expect(stage.space.defects).toEqual([]);
  });

  it("is told once, though another agent's store is away and it is tried again", async () => {
    const store = exactContexts();
    let away = true;
    const put: ContextStore["put"] = async (ref, items) => {
      if (items.some(({ text }) => text.includes("Rex"))) return { ok: false, refusal: { code: "invalid_request" } };
      return away ? await unavailable() : await store.put(ref, items);
    };
    const stage = await Stage.open(() => "Noted.", { contexts: storeWith(store, { put }) });
    await stage.tell("Reader", "My dog is called Rex.");
    await done(stage, await stage.tell("Writer", "My fish is called Sue."));
    await stage.pass(600_000);
    away = false;
    await stage.pass(3_600_000);
    expect(await kept(stage, "Writer")).toHaveLength(1);
    expect(must(stage.space.organs.incidents.list(null, { limit: 10 })).items).toHaveLength(1);
  });
});

describe("what was taken back", () => {
  const redact = async (stage: Stage, run: RunId, type: string) => {
    const event = stage.of(run).find((one) => one.type === type);
    must(stage.space.organs.redactions.redact(stage.space.caller, event?.event_id ?? "", "taken back"));
    await stage.pass(10_000);
  };

  it("leaves the context when an event of its run is redacted, and what rests on it goes too", async () => {
    const stage = await Stage.open(({ words }) => (words.includes("?") ? "Rex [1]." : "Noted."));
    const told = await stage.tell("Reader", "My dog is called Rex.");
    await done(stage, told);
    const room = stage.space.room("Another");
    const ask = async () => {
      const { agents } = stage;
      const to = {
        kind: "agent",
        agent: agents[1] ?? agents[0],
        colleagues: agents,
        limitUsd: null,
        projectLimitUsd: null,
      } as const;
      const command = { room_id: room, content: "What is my dog called?", to, idempotency_key: null, wait_ms: 0 };
      return must(await stage.space.organs.runs.post(stage.space.caller, command)).run.id;
    };
    const asked = await ask();
    await done(stage, asked);
    expect(stage.all(asked, "context.retrieved")).toHaveLength(1);
    expect(await kept(stage)).toHaveLength(2);
    await redact(stage, told, "message.posted");
    expect(await kept(stage)).toEqual([]);
    expect(await stage.space.organs.replay.compare()).toMatchObject({ equal: true });
  });

  it("is not stored where it was redacted before it was", async () => {
    const { stage, come } = await withStoreAway();
    const told = await stage.tell("Reader", "My dog is called Rex.");
    await done(stage, told);
    await redact(stage, told, "model.called");
    come();
    await stage.pass(3_600_000);
    expect(await kept(stage)).toEqual([]);
  });

  it("goes with the conversation it was said in, whether it was stored by then or not, and nothing else does", async () => {
    for (const stored of [true, false]) {
      const { stage, come } = await withStoreAway();
      if (stored) come();
      await done(stage, await stage.tell("Reader", "My dog is called Rex."));
      await done(stage, await stage.tell("Writer", "Write down Rex."));
      const { rooms } = stage.space.organs;
      must(rooms.delete(stage.room, actingFor(stage.space.caller)));
      await stage.pass(10_000);
      come();
      await stage.pass(3_600_000);
      expect([await kept(stage), await kept(stage, "Writer")]).toEqual([[], []]);
      expect(stage.space.organs.redactions.due()).toBeNull();
      expect(await stage.space.organs.replay.compare()).toMatchObject({ equal: true });
    }
  });

  it("is not stored after its agent's context was cleared, also after a kill; what ends later is", async () => {
    for (const kill of [false, true]) {
      const { stage, come } = await withStoreAway();
      await done(stage, await stage.tell("Reader", "My dog is called Rex."));
      await done(stage, await stage.tell("Writer", "Write down Rex."));
      await stage.space.organs.interactions.leaveOut(refOf(stage, "Reader").agentId);
      if (kill) await stage.kill();
      await done(stage, await stage.tell("Reader", "My cat is called Tom."));
      come();
      await stage.pass(3_600_000);
      expect((await kept(stage)).map(({ title }) => title)).toEqual(["My cat is called Tom."]);
      expect(await kept(stage, "Writer")).toHaveLength(1);
      expect(stage.space.defects).toEqual([]);
    }
  });

  it("is taken out as soon as a store that could not be reached can", async () => {
    const store = exactContexts();
    let away = false;
    const remove: ContextStore["remove"] = async (ref, which) =>
      away ? await unavailable() : await store.remove(ref, which);
    const stage = await Stage.open(() => "Noted.", { contexts: storeWith(store, { remove }) });
    const told = await stage.tell("Reader", "My dog is called Rex.");
    await done(stage, told);
    away = true;
    await redact(stage, told, "message.posted");
    expect(await kept(stage)).toHaveLength(1);
    await stage.kill();
    away = false;
    await stage.pass(3_600_000);
    expect(await kept(stage)).toEqual([]);
  });

  it("leaves the context when a memory goes that the answer cites", async () => {
    const mem = "mem_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3";
    const item = {
      id: mem,
      type: "associative" as const,
      label: "Rex",
      text: "The dog is called Rex",
      trust: "user" as const,
    };
    const stage = await Stage.open(() => "Rex [1].", { memory: knowing({ items: [{ ...item, score: 0.9, at: 0 }] }) });
    await done(stage, await stage.tell("Reader", "What is my dog called?"));
    expect(await kept(stage)).toHaveLength(1);
    expect(stage.space.organs.redactions.forgetRuns([], ["mem_of_another"])).toBe(0);
    expect(stage.space.organs.redactions.forgetRuns([], [mem])).toBe(1);
    await stage.space.organs.redactions.deleteContents();
    expect(await kept(stage)).toEqual([]);
  });

  it("leaves the contexts when a memory goes that only a step's answer cites, and what the team posted does not", async () => {
    const mem = "mem_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3";
    const rex = { id: mem, type: "associative" as const, label: "Rex", text: "The dog is called Rex" };
    const memory = knowing({ items: [{ ...rex, trust: "user" as const, score: 0.9, at: 0 }] });
    const stage = await Stage.open(
      ({ kind }) =>
        kind === "plan" ? planOf(["a", "Reader"], ["b", "Writer"]) : kind === "work" ? "Rex [1]." : "It has a name.",
      { memory },
    );
    const asked = await stage.ask("What is my dog called?");
    await done(stage, asked);
    expect(stage.all(asked, "message.posted").at(-1)?.data).not.toHaveProperty("citations");
    expect(await kept(stage)).toHaveLength(1);
    const { redactions } = stage.space.organs;
    expect(redactions.forgetRuns([], ["mem_of_another"])).toBe(0);
    expect(redactions.forgetRuns([], [mem])).toBe(1);
    await redactions.deleteContents();
    expect(await kept(stage)).toEqual([]);
  });

  it("is not stored when its memory went before it was, also after a kill", async () => {
    for (const kill of [false, true]) {
      const { stage, come, taken } = await withStoreAway();
      const told = await stage.tell("Reader", "My dog is called Rex.");
      const other = await stage.tell("Reader", "My cat is called Tom.");
      await stage.end(other);
      await done(stage, told);
      expect(stage.space.organs.redactions.forgetRuns([told], [])).toBe(1);
      await stage.space.organs.redactions.deleteContents();
      if (kill) await stage.kill();
      come();
      await stage.pass(3_600_000);
      await stage.kill();
      await stage.pass(7_200_000);
      expect(taken).toEqual(["My cat is called Tom."]);
      expect(await kept(stage)).toHaveLength(1);
      expect(stage.space.organs.redactions.due()).toBeNull();
      expect(stage.space.defects).toEqual([]);
    }
  });

  it("is not stored when its memory goes while its run still goes on", async () => {
    const stage = await Stage.open(() => "Noted.");
    const told = await stage.tell("Reader", "My dog is called Rex.");
    expect(stage.run(told).endedAt).toBeNull();
    expect(stage.space.organs.redactions.forgetRuns([told], [])).toBe(1);
    await stage.space.organs.redactions.deleteContents();
    await done(stage, told);
    await stage.pass(3_600_000);
    expect(stage.run(told).status).toBe("completed");
    expect(await kept(stage)).toEqual([]);
    expect(stage.space.organs.redactions.due()).toBeNull();
  });

  it("is not stored when the memory it cites went before it was", async () => {
    const mem = "mem_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3";
    const item = {
      id: mem,
      type: "associative" as const,
      label: "Rex",
      text: "The dog is called Rex",
      trust: "user" as const,
    };
    const forgotten: string[] = [];
    const memory = {
      ...knowing({ items: [{ ...item, score: 0.9, at: 0 }] }),
      forgottenOf: async (_: string, ids: readonly MemoryId[]) => ok(ids.filter((id) => forgotten.includes(id))),
    };
    const { stage, come, taken } = await withStoreAway(() => "Rex [1].", { memory });
    await done(stage, await stage.tell("Reader", "What is my dog called?"));
    forgotten.push(mem);
    come();
    await stage.pass(3_600_000);
    expect(taken).toEqual([]);
  });

  it("leaves the context when a core memory goes that alone the answer cites", async () => {
    const mem = "mem_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3";
    const core = [{ id: mem, key: "dog", value: "Rex", trust: "user" as const }];
    const stage = await Stage.open(() => "Rex [1].", { memory: knowing({ core }) });
    const asked = await stage.tell("Reader", "What is my dog called?");
    await done(stage, asked);
    expect(stage.all(asked, "message.posted").at(-1)?.data).toMatchObject({
      citations: [{ n: 1, id: mem, kind: "memory", title: "core" }],
    });
    expect((await kept(stage))[0]?.tags).toContain(`rests-on:${mem}`);
    expect(stage.space.organs.redactions.forgetRuns([], [mem])).toBe(1);
    await stage.space.organs.redactions.deleteContents();
    expect(await kept(stage)).toEqual([]);
    expect(await stage.space.organs.replay.compare()).toMatchObject({ equal: true });
  });

  it("does not come back after the space was reset", async () => {
    const { stage, come } = await withStoreAway();
    await done(stage, await stage.tell("Reader", "My dog is called Rex."));
    const { project_id } = stage.space.caller;
    stage.space.organs.core.commit.apply({
      facts: [
        fact(
          "space.reset",
          { cancelled_runs: 0 },
          { stream: { type: "space", id: project_id } },
          { principal: "user:x" },
        ),
      ],
      work: [],
    });
    come();
    await stage.pass(3_600_000);
    expect(await kept(stage)).toEqual([]);
    await done(stage, await stage.tell("Reader", "My cat is called Tom."));
    expect(await kept(stage)).toHaveLength(1);
  });
});

// A tool call is enough for a turn of two calls; it is stored once, with what came of it.
describe("a turn with tools", () => {
  it("is kept with its last answer", async () => {
    const stage = await Stage.open(({ request }) =>
      request.messages.some(({ role }) => role === "tool")
        ? "found it"
        : calls(["call_agent", { agent: "Nobody", task: "x" }]),
    );
    await done(stage, await stage.tell("Reader", "look for it"));
    expect((await kept(stage)).map(({ text }) => text)).toEqual(["User asked: look for it\nAgent answered: found it"]);
  });
});
