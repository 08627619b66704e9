// What we send to OpenAI-compatible servers, and what the offline model answers, held against OpenAI's own document.
import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { chatModelFrom, offlineChatModel } from "#adapters/models/chat-model.ts";
import { offlineFetch } from "#adapters/models/offline/server.ts";
import { openAiContract } from "#tests/doubles/openai-contract.ts";
import { chunksFor, completionFor } from "#tests/doubles/openai-replies.ts";
import { startOpenAiServer } from "#tests/doubles/openai-server.ts";
import { answered, asks, FILE_TOOLS, listening } from "#tests/support/model-requests.ts";

const contract = openAiContract();
const BASE = "http://offline.invalid/v1";

const post = (path: string, body: unknown): Promise<Response> =>
  offlineFetch(`${BASE}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

const eventsOf = async (response: Response): Promise<string[]> =>
  (await response.text())
    .split("\n\n")
    .filter((event) => event !== "")
    .map((event) => event.replace(/^data: /, ""));

const FILE_PARAMETERS = FILE_TOOLS.map(({ name, description, parameters }) => ({
  type: "function",
  function: { name, description, parameters },
}));

describe.runIf(contract !== null)("the OpenAI contract", () => {
  const check = contract ?? (() => ["no contract"]);

  test("catches what it must: a wrong type, a missing field, an unknown field", () => {
    const good = { model: "m", messages: [{ role: "user", content: "hi" }] };
    expect(check("chat request", good)).toEqual([]);
    expect(check("chat request", { ...good, temperature: "warm" })).not.toEqual([]);
    expect(check("chat request", { model: "m" })).not.toEqual([]);
    expect(check("chat request", { ...good, max_token: 5 })).not.toEqual([]);
    expect(check("chat chunk", { id: "x", object: "chat.completion.chunk", created: 1, model: "m" })).not.toEqual([]);
  });

  test.each(["https://api.openai.com/v1", "https://models.example/v1"])(
    "holds for every request the adapter sends to %s",
    async (baseUrl) => {
      const bodies: unknown[] = [];
      const capture: typeof fetch = async (_input, init) => {
        bodies.push(JSON.parse(String(init?.body)));
        return new Response(null, { status: 500 });
      };
      const model = chatModelFrom({
        baseUrl,
        apiKey: "sk-test-0123456789abcdef",
        models: "fast=a,smart=b",
        fetch: capture,
      });
      const request = asks("read a", { tools: FILE_TOOLS, temperature: 0.2, maxTokens: 300 });
      await model.complete(asks("hello"), listening());
      await model.complete(request, listening());
      await model.complete(
        answered(request, { id: "call_1", name: "read_file", arguments: '{"path":"a"}' }, "text"),
        listening(),
      );
      await model.complete(
        asks("x", {
          messages: [
            { role: "assistant", content: null, toolCalls: [] },
            { role: "user", content: "x" },
          ],
        }),
        listening(),
      );
      expect(bodies).toHaveLength(4);
      expect(bodies.map((body) => check("chat request", body))).toEqual([[], [], [], []]);
    },
  );

  test("holds for the scripted server's own answers", () => {
    const envelope = { id: "chatcmpl-1", created: 1, model: "m" };
    for (const reply of [
      { kind: "text", text: "one two" },
      { kind: "tools", calls: [{ name: "read_file", arguments: { path: "a" } }] },
    ] as const) {
      expect(chunksFor(reply, envelope).flatMap((chunk) => check("chat chunk", chunk))).toEqual([]);
      expect(check("chat response", completionFor(reply, envelope))).toEqual([]);
    }
  });

  test("makes the scripted server refuse a request that breaks it", async () => {
    const server = await startOpenAiServer([{ kind: "text", text: "fine" }]);
    try {
      const response = await fetch(`${server.baseUrl}/chat/completions`, {
        method: "POST",
        body: '{"model":"m","messages":[]}',
      });
      expect(response.status).toBe(400);
      expect(server.violations).not.toEqual([]);
      expect(server.requests).toEqual([]);
    } finally {
      await server.close();
    }
  });

  test.each(["hello", "read package.json", "list src", "write a.txt with b"])(
    "holds for the offline model's answers to %j",
    async (question) => {
      const body = { model: "offline", messages: [{ role: "user", content: question }], tools: FILE_PARAMETERS };
      expect(check("chat request", body)).toEqual([]);
      const whole: unknown = await (await post("/chat/completions", body)).json();
      expect(check("chat response", whole)).toEqual([]);
      const events = await eventsOf(
        await post("/chat/completions", { ...body, stream: true, stream_options: { include_usage: true } }),
      );
      expect(events.at(-1)).toBe("[DONE]");
      const chunks = events.slice(0, -1).map((event): unknown => JSON.parse(event));
      expect(chunks.flatMap((chunk) => check("chat chunk", chunk))).toEqual([]);
      expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: expect.any(Number) } });
    },
  );

  test("holds for the offline model's embeddings, models and errors", async () => {
    const vectors: unknown = await (
      await post("/embeddings", { model: "offline-embedding", input: ["one", "two"] })
    ).json();
    expect(check("embeddings response", vectors)).toEqual([]);
    const models: unknown = await (await offlineFetch(`${BASE}/models`)).json();
    expect(check("models response", models)).toEqual([]);
    expect(check("model", await (await offlineFetch(`${BASE}/models/offline`)).json())).toEqual([]);
    for (const response of [
      await post("/chat/completions", { model: "offline" }),
      await post("/embeddings", { model: "offline-embedding" }),
      await post("/nowhere", {}),
      await offlineFetch(`${BASE}/models/none`),
      await offlineFetch(`${BASE}/chat/completions`, { method: "POST", body: "{" }),
    ]) {
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(check("error", await response.json())).toEqual([]);
    }
  });
});

describe("the offline model through the SDK", () => {
  const client = new OpenAI({ apiKey: "none", baseURL: BASE, fetch: offlineFetch, maxRetries: 0 });

  test("gives the same vector as numbers and as the base64 the SDK asks for by default", async () => {
    // The document knows number arrays only, but the SDK asks for base64 and decodes it.
    const decoded = await client.embeddings.create({ model: "offline-embedding", input: "rivers and lakes" });
    const plain = await client.embeddings.create({
      model: "offline-embedding",
      input: "rivers and lakes",
      encoding_format: "float",
    });
    expect(decoded.data[0]?.embedding).toHaveLength(384);
    expect([...(decoded.data[0]?.embedding ?? [])]).toEqual(plain.data[0]?.embedding);
  });

  test("answers a request that is not streamed", async () => {
    const completion = await client.chat.completions.create({
      model: "any",
      messages: [{ role: "user", content: "who are you?" }],
    });
    expect(completion.choices[0]?.message.content).toContain("offline model");
    expect(completion.model).toBe("offline");
  });

  test("lists its models", async () => {
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(["offline", "offline-embedding"]);
  });

  test("gives the same answer to the same request", async () => {
    const once = await offlineChatModel().complete(asks("read a.txt", { tools: FILE_TOOLS }), listening());
    const again = await offlineChatModel().complete(asks("read a.txt", { tools: FILE_TOOLS }), listening());
    expect(again).toEqual(once);
  });
});
