// One suite for every hand behind the EmbeddingModel port: a real HTTP server through the adapter, and the offline model.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ChosenEmbedding, chosenEmbedding } from "#adapters/models/chosen-embedding.ts";
import { embeddingModelFrom } from "#adapters/models/embedding-model.ts";
import type { EmbeddingModel } from "#domain/models/embeddings.ts";
import { type OpenAiServer, startOpenAiServer } from "#tests/doubles/openai-server.ts";

const KEY = "sk-test-0123456789abcdef";
const within = { timeoutMs: 10_000 };

const chosen = (vars: Parameters<typeof chosenEmbedding>[0]): ChosenEmbedding => {
  const choice = chosenEmbedding(vars);
  if (!choice.ok) throw new Error(choice.refusal.detail);
  return choice.value;
};

const near = (one: Float32Array | undefined, other: Float32Array | undefined): number =>
  Array.from(one ?? []).reduce((sum, value, at) => sum + value * (other?.[at] ?? 0), 0);

let server: OpenAiServer;
beforeAll(async () => {
  server = await startOpenAiServer([]);
});
afterAll(() => server.close());
beforeEach(() => server.embed({ kind: "vectors" }));

const served = (more: Partial<ChosenEmbedding> = {}): EmbeddingModel =>
  embeddingModelFrom({
    ...chosen({
      EMBEDDING_BASE_URL: server.baseUrl,
      EMBEDDING_API_KEY: KEY,
      EMBEDDING_MODEL: "text-embedding-3-small",
    }),
    ...more,
    fetch,
  });

const hands: Readonly<Record<string, () => EmbeddingModel>> = {
  "an OpenAI-compatible server": served,
  "a server that answers with numbers": () => {
    server.embed({ kind: "vectors", asNumbers: true });
    return served();
  },
  "the offline model": () => embeddingModelFrom(chosen({})),
};

describe.each(Object.keys(hands))("%s as an EmbeddingModel", (name) => {
  const open = (): EmbeddingModel => {
    const hand = hands[name];
    if (hand === undefined) throw new Error(`no hand called ${name}`);
    return hand();
  };

  test("makes one vector a text, in their order, of its dimensions and of length one", async () => {
    const model = open();
    const texts = ["rivers and lakes", "tax report", "", "река и озеро", "x".repeat(50_000)];
    const made = await model.embed(texts, within);
    if (!made.ok) throw new Error(made.refusal.message);
    expect(made.value.vectors).toHaveLength(texts.length);
    for (const vector of made.value.vectors) {
      expect(vector).toHaveLength(model.dimensions);
      expect(Math.hypot(...vector)).toBeCloseTo(1, 4);
    }
    const alone = await model.embed(["tax report"], within);
    expect(near(alone.ok ? alone.value.vectors[0] : undefined, made.value.vectors[1])).toBeCloseTo(1, 4);
  });

  test("takes more texts than one request may hold", async () => {
    const texts = Array.from({ length: 250 }, (_, at) => `note number ${at} about subject ${at * 7}`);
    const model = open();
    const made = await model.embed(texts, within);
    const last = await model.embed(texts.slice(-1), within);
    if (!made.ok || !last.ok) throw new Error("refused");
    expect(made.value.vectors).toHaveLength(250);
    expect(near(made.value.vectors[249], last.value.vectors[0])).toBeCloseTo(1, 4);
  });

  test("makes nothing of nothing", async () => {
    expect(await open().embed([], within)).toMatchObject({ ok: true, value: { vectors: [], inputTokens: 0 } });
  });

  test("counts tokens and says what they cost", async () => {
    const made = await open().embed(["one two three four"], within);
    if (!made.ok) throw new Error(made.refusal.message);
    expect(made.value.inputTokens).toBeGreaterThan(0);
    expect(made.value.costUsd).toBeGreaterThanOrEqual(0);
  });

  test("answers an already stopped call with a value", async () => {
    const made = await open().embed(["a"], { ...within, signal: AbortSignal.abort() });
    expect(made).toMatchObject({ ok: false, refusal: { code: "aborted", retryable: false } });
  });
});

describe("an embedding server that misbehaves", () => {
  test.each([
    ["fewer vectors than texts", { kind: "vectors", missing: 1 }],
    ["vectors of another length", { kind: "vectors", dimensions: 12 }],
    ["a vector with a NaN in it", { kind: "vectors", first: Number.NaN }],
    ["a vector with an infinity in it", { kind: "vectors", first: Number.POSITIVE_INFINITY }],
    ["something that is not JSON", { kind: "rubbish", body: "<html>" }],
    ["JSON that holds no vectors", { kind: "rubbish", body: '{"data":[{"index":0}]}' }],
    ["text that is no base64", { kind: "rubbish", body: '{"data":[{"index":0,"embedding":"%%%"}]}' }],
  ] as const)("and sends %s is not believed", async (_, script) => {
    server.embed(script);
    expect(await served().embed(["a"], within)).toMatchObject({ ok: false, refusal: { code: "invalid_response" } });
  });

  test.each([-1_000_000, 1.5, 1e300, "many", null])("and counts %j tokens is counted for", async (prompt_tokens) => {
    const data = [{ object: "embedding", index: 0, embedding: [1, 0, 0, 0, 0, 0, 0, 0] }];
    server.embed({ kind: "rubbish", body: JSON.stringify({ object: "list", data, usage: { prompt_tokens } }) });
    const made = await served({ dimensions: 8 }).embed(["a few words"], within);
    if (!made.ok) throw new Error(made.refusal.message);
    expect(made.value.inputTokens).toBeGreaterThan(0);
    expect(made.value.inputTokens).toBeLessThan(20);
    expect(made.value.costUsd).toBeGreaterThan(0);
  });

  test("and falls silent is given up in time", async () => {
    server.embed({ kind: "hang" });
    expect(await served().embed(["a"], { timeoutMs: 150 })).toMatchObject({ ok: false, refusal: { code: "timeout" } });
  });

  test.each([
    [401, "auth", false],
    [429, "rate_limited", true],
    [500, "server_error", true],
    [404, "bad_request", false],
  ])("and answers %d is reported without the key it repeats", async (status, code, retryable) => {
    server.embed({ kind: "error", status, message: `Incorrect API key provided: ${KEY}` });
    const made = await served().embed(["a"], within);
    expect(made).toMatchObject({ ok: false, refusal: { code, retryable } });
    expect(JSON.stringify(made)).not.toContain(KEY);
  });

  test("is asked by the contract, with its key, and only for dimensions that are not its own", async () => {
    server.embeddings.length = 0;
    await served().embed(["a", "b"], within);
    await served({ dimensions: 256, askDimensions: true }).embed(["a"], within);
    expect(server.violations).toEqual([]);
    expect(server.embeddings.map(({ body }) => body)).toEqual([
      { model: "text-embedding-3-small", input: ["a", "b"], encoding_format: "base64" },
      { model: "text-embedding-3-small", input: ["a"], encoding_format: "base64", dimensions: 256 },
    ]);
    expect(server.embeddings[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
  });
});

describe("the embedding model the environment chooses", () => {
  const openAi = { baseUrl: "https://api.openai.com/v1", model: "text-embedding-3-small", dimensions: 1536 };
  const offline = { baseUrl: null, apiKey: null, model: "offline-embedding", dimensions: 384 };

  test.each([
    ["nothing", {}, offline],
    ["an OpenAI key alone", { OPENAI_API_KEY: "k" }, { ...openAi, apiKey: "k" }],
    [
      "OpenAI's own address",
      { OPENAI_API_KEY: "k", OPENAI_BASE_URL: "https://eu.api.openai.com/v1" },
      { ...openAi, apiKey: "k", baseUrl: "https://eu.api.openai.com/v1" },
    ],
    ["another chat server", { OPENAI_BASE_URL: "http://127.0.0.1:11434/v1" }, offline],
    [
      "another chat server with a model for it",
      { OPENAI_BASE_URL: "http://127.0.0.1:11434/v1", EMBEDDING_MODEL: "nomic-embed-text:latest" },
      { baseUrl: "http://127.0.0.1:11434/v1", model: "nomic-embed-text:latest", dimensions: 768, askDimensions: false },
    ],
    [
      "a server of its own, which is not sent the chat server's key",
      {
        OPENAI_API_KEY: "k",
        EMBEDDING_BASE_URL: "http://127.0.0.1:8080/v1",
        EMBEDDING_MODEL: "m",
        EMBEDDING_DIMENSIONS: 64,
      },
      { baseUrl: "http://127.0.0.1:8080/v1", apiKey: null, model: "m", dimensions: 64 },
    ],
    [
      "a key of its own beside another chat server",
      { OPENAI_API_KEY: "k", OPENAI_BASE_URL: "https://chat.example/v1", EMBEDDING_API_KEY: "e" },
      { ...openAi, apiKey: "e" },
    ],
    ["the offline one by name", { OPENAI_API_KEY: "k", EMBEDDING_MODEL: "offline-embedding" }, offline],
    [
      "shorter vectors",
      { OPENAI_API_KEY: "k", EMBEDDING_DIMENSIONS: 512 },
      { ...openAi, apiKey: "k", dimensions: 512, askDimensions: true },
    ],
  ])("by %s", (_, vars, expected) => {
    expect(chosen(vars)).toMatchObject(expected);
  });

  test.each([
    ["EMBEDDING_DIMENSIONS", { EMBEDDING_BASE_URL: "https://e.example/v1", EMBEDDING_MODEL: "unheard-of" }],
    ["EMBEDDING_MODEL", { EMBEDDING_BASE_URL: "https://e.example/v1" }],
    ["EMBEDDING_MODEL", { EMBEDDING_MODEL: "nomic-embed-text" }],
  ])("is refused by the name of %s where it cannot be known", (name, vars) => {
    const choice = chosenEmbedding(vars);
    expect(choice).toMatchObject({ ok: false, refusal: { code: "not_configured" } });
    expect(choice.ok ? "" : choice.refusal.detail).toContain(name);
  });
});
