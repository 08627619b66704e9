// The whole path in the real runtime: SDK, adapter and the offline model's own fetch, inside workerd.
import OpenAI from "openai";
import { expect, test } from "vitest";
import { chatModelFrom } from "#adapters/models/chat-model.ts";
import { offlineFetch } from "#adapters/models/offline/server.ts";

const read = {
  name: "read_file",
  description: "Reads a file",
  parameters: { type: "object", properties: { path: { type: "string" } } },
};
const model = chatModelFrom({ baseUrl: null, apiKey: null, models: null, fetch });

const ask = async (content: string, signal = new AbortController().signal) => {
  const deltas: string[] = [];
  const result = await model.complete(
    { tier: "smart", messages: [{ role: "user", content }], tools: [read], endUser: "u" },
    { onDelta: (text) => deltas.push(text), signal, timeoutMs: 10_000 },
  );
  return { result, deltas };
};

test("an answer streams in pieces inside workerd", async () => {
  const { result, deltas } = await ask("who are you?");
  expect(result).toMatchObject({
    ok: true,
    value: { model: "offline", finishReason: "stop", costUsd: 0, usageEstimated: false },
  });
  expect(deltas.length).toBeGreaterThan(5);
  expect(result.ok && result.value.text).toBe(deltas.join(""));
});

test("a tool call comes through inside workerd", async () => {
  const { result } = await ask("read package.json");
  expect(result).toMatchObject({
    ok: true,
    value: { toolCalls: [{ name: "read_file", arguments: '{"path":"package.json"}' }] },
  });
});

test("a stopped call is a value inside workerd", async () => {
  const { result } = await ask("who are you?", AbortSignal.abort());
  expect(result).toMatchObject({ ok: false, refusal: { code: "aborted" } });
});

test("a refused connection is a value inside workerd", async () => {
  const gone = chatModelFrom({
    baseUrl: "http://127.0.0.1:1/v1",
    apiKey: "sk-test-0123456789abcdef",
    models: "m",
  });
  const result = await gone.complete(
    { tier: "fast", messages: [{ role: "user", content: "x" }], tools: [], endUser: "u" },
    { onDelta: () => {}, signal: new AbortController().signal, timeoutMs: 10_000 },
  );
  expect(result).toMatchObject({ ok: false, refusal: { code: "connection", retryable: true } });
});

test("embeddings in base64 decode inside workerd", async () => {
  const client = new OpenAI({
    apiKey: "none",
    baseURL: "http://offline.invalid/v1",
    fetch: offlineFetch,
    maxRetries: 0,
  });
  const answer = await client.embeddings.create({ model: "offline-embedding", input: "rivers", dimensions: 64 });
  expect(answer.data[0]?.embedding).toHaveLength(64);
});
