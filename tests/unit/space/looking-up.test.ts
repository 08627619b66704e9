// Stories of agents that look things up before they answer: what they are shown, what the log says of it, and that nothing
// that goes wrong with it goes wrong with the turn.
import { afterEach, describe, expect, it, vi } from "vitest";
import type { ContextStore } from "#domain/context/port.ts";
import type { EmbeddingModel } from "#domain/models/embeddings.ts";
import { SpendLedger } from "#durable-objects/user-meter/spend-ledger.ts";
import { isId } from "#schema/ids.ts";
import { exactContexts } from "#tests/support/exact-contexts.ts";
import { ledgerMeter } from "#tests/support/simulation/ledger-meter.ts";
import { keepIn, knowing, never, refOf, storeWith } from "#tests/support/simulation/library.ts";
import { OFFLINE_EMBEDDING } from "#tests/support/simulation/space.ts";
import { calls, doing, planOf, type Question, Stage } from "#tests/support/simulation/stage.ts";
import { SimulatedDisk } from "#tests/support/simulation/storage.ts";

afterEach(() => {
  vi.useRealTimers();
});

const REX = "6f9619ff-8b86-8011-b42d-00cf4fc964ff";
const BREAD = "7f9619ff-8b86-8011-b42d-00cf4fc964ff";
const ASKED = "What is my dog called?";
const TOLD = "User asked: My dog is called Rex.\nAgent answered: Noted.";

/** What the model was shown besides the conversation. */
const block = ({ request }: Question): string =>
  request.messages.map(({ content }) => content ?? "").find((content) => content.startsWith("<looked_up>")) ?? "";

const quick = { tokens: 2_000, timeoutMs: 150 };

/** What bounds a look-up passes in real time, not in the stage's. */
const asked = (stage: Stage) => expect.poll(() => stage.questions.length).toBe(1);

const refused = async () => ({ ok: false as const, refusal: { code: "not_configured" as const } });

describe("an agent that looks things up", () => {
  it("is shown what bears on the question, under a number; the log names it without its words, before the model is asked", async () => {
    const order: string[] = [];
    const stage = await Stage.open((question) => {
      order.push("asked");
      return block(question).includes("Rex") ? "Rex [1], as you said." : "I do not know.";
    });
    stage.space.watch = (events) => order.push(...events.map(({ type }) => type));
    await keepIn(stage, "Reader", REX, TOLD);
    await keepIn(stage, "Reader", BREAD, "User asked: bake bread\nAgent answered: at 230 degrees");
    const run = await stage.tell("Reader", ASKED);
    await stage.end(run);

    const [retrieved] = stage.all(run, "context.retrieved");
    expect(retrieved?.data).toMatchObject({ backend: "embedded", core: [], locked: 0, run_id: run });
    expect(retrieved?.data.items).toEqual([
      expect.objectContaining({ n: 1, id: REX, kind: "interaction", title: "direct" }),
    ]);
    expect(retrieved?.data.collection).toMatch(/^user\w{8}_\w{8}_Reader_context$/);
    expect(JSON.stringify(retrieved)).not.toContain("Rex");
    expect(order.slice(order.indexOf("context.retrieved"), order.indexOf("model.called"))).toEqual([
      "context.retrieved",
      "asked",
    ]);
    const [message] = stage.all(run, "message.posted").filter(({ data }) => data.role === "agent");
    expect(message?.data.citations).toEqual([expect.objectContaining({ n: 1, id: REX, kind: "interaction" })]);
    expect(await stage.space.organs.replay.compare()).toMatchObject({ equal: true });
  });

  it("is asked exactly as without when nothing is found, and the log says nothing", async () => {
    const stage = await Stage.open(() => "I do not know [1].");
    await keepIn(stage, "Reader", BREAD, "User asked: bake bread\nAgent answered: at 230 degrees");
    const run = await stage.tell("Reader", ASKED);
    await stage.end(run);
    expect(stage.all(run, "context.retrieved")).toEqual([]);
    expect(stage.questions[0]?.request.messages).toHaveLength(2);
    expect(stage.all(run, "message.posted").at(-1)?.data).not.toHaveProperty("citations");
  });

  it("finds earlier work though much of what it sees anyway is nearer", async () => {
    const stage = await Stage.open((question) => (block(question).includes("Rex") ? "Rex [1]." : "I do not know."));
    await keepIn(stage, "Reader", REX, TOLD);
    for (let nth = 0; nth < 20; nth += 1) {
      await stage.end(await stage.tell("Reader", `Tell me: what is my dog called? (${nth})`));
      await stage.pass(10_000);
    }
    const run = await stage.tell("Reader", ASKED);
    await stage.end(run);
    expect(stage.all(run, "context.retrieved")[0]?.data.items).toEqual([expect.objectContaining({ id: REX })]);
  });

  it("finds nothing in another agent's context", async () => {
    const stage = await Stage.open(() => "done");
    await keepIn(stage, "Writer", REX, TOLD);
    const run = await stage.tell("Reader", ASKED);
    await stage.end(run);
    expect(stage.all(run, "context.retrieved")).toEqual([]);
  });

  it("is not shown again what this room's history shows anyway", async () => {
    const stage = await Stage.open(() => "done");
    const first = await stage.tell("Reader", "My dog is called Rex.");
    await stage.end(first);
    await keepIn(stage, "Reader", REX, TOLD, { run_id: first, room_id: stage.room });
    await stage.end(await stage.tell("Reader", ASKED));
    expect(block(stage.questions[1] ?? (never() as never))).toBe("");
  });

  it("keeps core memory in mind, and says what could not be opened", async () => {
    const core = [{ id: "mem_1", key: "name", value: "Ada", trust: "user" as const }];
    const stage = await Stage.open(() => "done", { memory: knowing({ core, locked: 2 }) });
    const run = await stage.tell("Reader", "hi there");
    await stage.end(run);
    expect(stage.all(run, "context.retrieved")[0]?.data).toMatchObject({ items: [], core: ["mem_1"], locked: 2 });
    expect(stage.questions[0]?.request.messages[1]).toMatchObject({ role: "system" });
    expect(stage.questions[0]?.request.messages[1]?.content).toContain("Ada");
  });

  it("is asked with the same words about core memory in every run and every step, under numbers of one run", async () => {
    const core = [
      { id: "mem_1", key: "dog", value: "Rex", trust: "user" as const },
      { id: "mem_2", key: "name", value: "Ada", trust: "user" as const },
    ];
    const plan = planOf(["feed", "Reader"], ["bake", "Writer"]);
    const stage = await Stage.open((question) => doing(plan, () => "done")(question), { memory: knowing({ core }) });
    const run = await stage.ask("feed it and bake it");
    await stage.end(run);
    await stage.end(await stage.tell("Reader", "hi there"));
    const shown = stage.questions.flatMap(({ request }) =>
      request.messages.filter(({ content }) => content?.includes("<core_memory>")).map(({ content }) => content),
    );
    expect(shown.length).toBeGreaterThanOrEqual(3);
    expect(new Set(shown).size).toBe(1);
    expect(stage.all(run, "context.retrieved").map(({ data }) => data)).toEqual([
      expect.objectContaining({ core_numbers: [1, 2] }),
      expect.objectContaining({ core_numbers: [1, 2] }),
    ]);
  });

  it("that was killed between the finding and the asking is shown the same again, and the log says it once", async () => {
    const stage = await Stage.open(() => "Rex [1].");
    await keepIn(stage, "Reader", REX, TOLD);
    stage.space.watch = (events) => {
      if (events.some(({ type }) => type === "context.retrieved")) stage.space.disk.killAfter(0);
    };
    const run = await stage.tell("Reader", ASKED);
    await stage.pass(1_000);
    expect(stage.space.disk.dead).toBe(true);
    stage.space.watch = () => {};
    // What comes in meanwhile is not what the turn was shown.
    await keepIn(stage, "Reader", BREAD, "User asked: my dog, what is it called?\nAgent answered: Max");
    await stage.kill();
    expect(await stage.end(run)).toMatchObject({ status: "completed" });
    expect(stage.all(run, "context.retrieved")).toHaveLength(1);
    expect(block(stage.questions.at(-1) ?? (never() as never))).toContain("Rex");
    expect(block(stage.questions.at(-1) ?? (never() as never))).not.toContain("Max");
    expect(stage.space.defects).toEqual([]);
  });

  it("is not shown at a later call of the turn what was deleted meanwhile", async () => {
    const stage = await Stage.open(({ request }) =>
      request.messages.some(({ role }) => role === "tool")
        ? "done"
        : calls(["call_agent", { agent: "Nobody", task: "x" }]),
    );
    await keepIn(stage, "Reader", REX, TOLD);
    stage.space.watch = (events) => {
      if (events.some(({ type }) => type === "model.called"))
        void stage.space.contexts.remove(refOf(stage, "Reader"), { ids: [REX] });
    };
    const run = await stage.tell("Reader", ASKED);
    await stage.end(run);
    expect(stage.questions.map((question) => block(question).includes("Rex"))).toEqual([true, false]);
    expect(stage.all(run, "context.retrieved")).toHaveLength(1);
  });

  it("is shown at a later call what it was shown before, though more would be found by then", async () => {
    const stage = await Stage.open(({ request }) =>
      request.messages.some(({ role }) => role === "tool")
        ? "done"
        : calls(["call_agent", { agent: "Nobody", task: "x" }]),
    );
    stage.space.watch = (events) => {
      if (events.some(({ type }) => type === "model.called")) void keepIn(stage, "Reader", REX, TOLD);
    };
    await stage.end(await stage.tell("Reader", ASKED));
    expect(stage.questions.map(block)).toEqual(["", ""]);
  });
});

describe("looking things up that goes wrong", () => {
  it.each([
    ["refuses", { search: refused }],
    ["breaks", { search: () => Promise.reject(new Error("gone")) }],
    ["never answers", { search: never }],
  ])("does not hold up an answer: a store that %s", async (_, doors) => {
    const stage = await Stage.open(() => "done", { contexts: storeWith(exactContexts(), doors), lookup: quick });
    await keepIn(stage, "Reader", REX, TOLD);
    const run = await stage.tell("Reader", ASKED);
    await asked(stage);
    expect(await stage.end(run)).toMatchObject({ status: "completed" });
    expect(stage.all(run, "context.retrieved")).toEqual([]);
    expect(stage.space.defects).toEqual([]);
  });

  it.each([
    [
      "fails",
      async () => ({
        ok: false as const,
        refusal: { code: "server_error" as const, message: "", model: "", retryable: true, retryAfterMs: null },
      }),
    ],
    ["never answers", never],
  ])("is done by words alone where the vectors' server %s", async (_, embed) => {
    const embeddings = { ...OFFLINE_EMBEDDING, embed } satisfies EmbeddingModel;
    const stage = await Stage.open(() => "Rex [1].", { embeddings, lookup: quick });
    await keepIn(stage, "Reader", REX, TOLD);
    const run = await stage.tell("Reader", ASKED);
    await asked(stage);
    await stage.end(run);
    expect(stage.all(run, "context.retrieved")[0]?.data.items.map(({ id }) => id)).toEqual([REX]);
  });

  it("leaves a memory that fails out, and shows what the context has", async () => {
    const memory = { recall: () => Promise.reject(new Error("gone")) };
    const stage = await Stage.open(() => "done", { memory });
    await keepIn(stage, "Reader", REX, TOLD);
    const run = await stage.tell("Reader", ASKED);
    await stage.end(run);
    expect(stage.all(run, "context.retrieved")[0]?.data.items).toHaveLength(1);
  });

  it("of a run that was cancelled meanwhile leaves no trace, and nobody is asked", async () => {
    let found: (() => void) | undefined;
    const store = exactContexts();
    const search: typeof store.search = async (ref, query) => {
      await new Promise<void>((resolve) => {
        found = resolve;
      });
      return await store.search(ref, query);
    };
    const stage = await Stage.open(() => "done", { contexts: storeWith(store, { search }) });
    await keepIn(stage, "Reader", REX, TOLD);
    const run = await stage.tell("Reader", ASKED);
    stage.cancel(run);
    found?.();
    await stage.pass(5_000);
    expect(stage.run(run).status).toBe("cancelled");
    expect(stage.all(run, "context.retrieved")).toEqual([]);
    expect(stage.questions).toEqual([]);
  });
});

describe("a team that looks things up", () => {
  it("numbers what it finds through the whole run, so that the closing answer's citations mean one thing each", async () => {
    const plan = planOf(["feed", "Reader"], ["bake", "Writer", "feed"], ["judge", "Critic", "bake"]);
    const stage = await Stage.open((question) =>
      question.kind === "closing"
        ? "All in all: Rex [1] and bread [2]."
        : doing(plan, ({ words }) => `done: ${words}`)(question),
    );
    await keepIn(stage, "Reader", REX, "User asked: feed it\nAgent answered: Rex");
    await keepIn(stage, "Writer", BREAD, "User asked: bake it\nAgent answered: bread");
    const run = await stage.ask("my dog and my bread");
    await stage.end(run);
    expect(stage.all(run, "context.retrieved").flatMap(({ data }) => data.items.map(({ n, id }) => [n, id]))).toEqual([
      [1, REX],
      [2, BREAD],
    ]);
    const answer = stage.all(run, "message.posted").find(({ data }) => data.role === "agent");
    expect(answer?.data.citations?.map(({ n, id }) => [n, id])).toEqual([
      [1, REX],
      [2, BREAD],
    ]);
  });
});

describe("a message that is looked up ahead of its turn", () => {
  const counted = (
    answer: (store: ContextStore, ...asked: Parameters<ContextStore["search"]>) => ReturnType<ContextStore["search"]>,
  ) => {
    const store = exactContexts();
    const counts = { searches: 0 };
    const contexts = storeWith(store, {
      search: (...asked) => {
        counts.searches += 1;
        return answer(store, ...asked);
      },
    });
    return { contexts, counts };
  };

  it("is asked about once, and what was found stands right after the beginning of its run", async () => {
    const { contexts, counts } = counted((store, ...asked) => store.search(...asked));
    const stage = await Stage.open(() => "done", { contexts });
    await keepIn(stage, "Reader", REX, TOLD);
    const run = await stage.tell("Reader", ASKED);
    await stage.end(run);
    const [started, retrieved] = stage.of(run).filter(({ type }) => /^(?:run.started|context.retrieved)$/.test(type));
    expect(retrieved).toMatchObject({ type: "context.retrieved", seq: (started?.seq ?? 0) + 1 });
    expect(counts.searches).toBe(1);
  });

  it("does not wait for a slow store; its turn does, and asks nothing twice", async () => {
    const { contexts, counts } = counted(async (store, ...asked) => {
      await new Promise((resolve) => setTimeout(resolve, 120));
      return store.search(...asked);
    });
    const stage = await Stage.open(() => "done", { contexts });
    await keepIn(stage, "Reader", REX, TOLD);
    const run = await stage.tell("Reader", ASKED);
    expect(stage.all(run, "run.started")).toHaveLength(1);
    expect(stage.all(run, "context.retrieved")).toEqual([]);
    await asked(stage);
    await stage.end(run);
    expect(stage.all(run, "context.retrieved")[0]?.data.items.map(({ id }) => id)).toEqual([REX]);
    expect(counts.searches).toBe(1);
  });

  it("is asked about when its turn begins, where that has to wait: what was learned meanwhile is found", async () => {
    const { contexts, counts } = counted((store, ...asked) => store.search(...asked));
    const stage = await Stage.open(() => "done", { contexts }, { Reader: { concurrency_limit: 1 } });
    const first = await stage.tell("Reader", "What time is it?");
    const second = await stage.tell("Reader", ASKED);
    expect(stage.run(second).status).toBe("queued");
    expect(counts.searches).toBe(1);
    await keepIn(stage, "Reader", REX, TOLD);
    await stage.end(first);
    await stage.end(second);
    expect(stage.all(second, "context.retrieved")[0]?.data.items.map(({ id }) => id)).toEqual([REX]);
    expect(counts.searches).toBe(2);
  });
});

describe("vectors that cost money", () => {
  const PRICES = new Map([["dear-embedding", { input: 1_000, output: 0 }]]);
  const dear = (): EmbeddingModel & { asked: number } => ({
    model: "dear-embedding",
    dimensions: OFFLINE_EMBEDDING.dimensions,
    asked: 0,
    async embed(texts) {
      this.asked += 1;
      return {
        ok: true,
        value: {
          vectors: texts.map(() => new Float32Array(384).fill(1 / Math.sqrt(384))),
          inputTokens: 5,
          costUsd: 0.005,
        },
      };
    },
  });
  const opened = async (limit: number) => {
    const ledger = new SpendLedger(new SimulatedDisk(false).begin());
    ledger.change({ monthlyLimitUsd: limit });
    const embeddings = dear();
    const stage = await Stage.open(() => "done", {
      prices: PRICES,
      embeddings,
      meter: ledgerMeter(ledger),
    });
    return { stage, ledger, embeddings };
  };

  it("are counted, and told in the log with their agent", async () => {
    const { stage, ledger } = await opened(1);
    const run = await stage.tell("Reader", ASKED);
    await stage.end(run);
    const [used] = stage.of(run).filter((event) => event.type === "model.used");
    expect(used?.data).toMatchObject({
      purpose: "embedding",
      model: "dear-embedding",
      input_tokens: 5,
      cost_usd: 0.005,
    });
    expect(used?.type === "model.used" && isId("agent", used.data.agent_id ?? "")).toBe(true);
    expect(ledger.usage("2026-11", Date.now()).spentUsd).toBeGreaterThanOrEqual(0.005);
  });

  it("are not made where there is no money for them; it is looked up by words", async () => {
    const { stage, embeddings } = await opened(0.000_001);
    await keepIn(stage, "Reader", REX, TOLD);
    const run = await stage.tell("Reader", ASKED);
    await stage.end(run);
    expect(embeddings.asked).toBe(0);
    expect(stage.all(run, "context.retrieved")[0]?.data.items.map(({ id }) => id)).toEqual([REX]);
  });
});
