// Several model servers behind one hand: each request goes to the server of its provider, with that provider's key or the
// caller's own, and to no other.
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { chatModelOf } from "#adapters/models/chat-model.ts";
import { readModelSettings } from "#adapters/models/model-settings.ts";
import type { ModelRequest, OwnKey } from "#domain/models/port.ts";
import { type OpenAiServer, startOpenAiServer } from "#tests/doubles/openai-server.ts";
import { asks, listening } from "#tests/support/model-requests.ts";

let one: OpenAiServer;
let other: OpenAiServer;

beforeAll(async () => {
  [one, other] = await Promise.all([startOpenAiServer([]), startOpenAiServer([])]);
});
afterAll(async () => void (await Promise.all([one.close(), other.close()])));
beforeEach(() => {
  for (const server of [one, other]) {
    server.requests.length = 0;
    server.play([{ kind: "text", text: "Hello.", usage: { prompt_tokens: 1_000_000, completion_tokens: 0 } }]);
  }
});

const model = () => {
  const variables: Readonly<Record<string, string>> = {
    OPENAI_BASE_URL: one.baseUrl,
    OPENAI_API_KEY: "sk-one-0123456789",
    MODEL_PROVIDERS: `other=${other.baseUrl}`,
    OTHER_API_KEY: "sk-other-0123456789",
    OLLAMA_HOST: other.baseUrl,
    MODELS: "fast=other/small,smart=gpt-4o",
  };
  const settings = readModelSettings((name) => variables[name]);
  if (!settings.ok) throw new Error(settings.refusal.detail);
  return chatModelOf(settings.value);
};

const ask = (changes: Partial<ModelRequest>, ownKey?: OwnKey) =>
  model().complete(asks("hello", changes), { ...listening(), ownKey });

const heard = () =>
  [one, other].map(({ requests }) => requests.map(({ body, headers }) => [body.model, headers.authorization]));

test("a request goes to its provider alone, with that provider's key", async () => {
  expect(await ask({ provider: "openai", model: "gpt-4o" })).toMatchObject({ ok: true, value: { costUsd: 2.5 } });
  await ask({ provider: "other", model: "small" });
  await ask({ tier: "fast" });
  await ask({ model: "other/exact" });
  await ask({ model: "plain" });
  expect(heard()).toEqual([
    [
      ["gpt-4o", "Bearer sk-one-0123456789"],
      ["plain", "Bearer sk-one-0123456789"],
    ],
    [
      ["small", "Bearer sk-other-0123456789"],
      ["small", "Bearer sk-other-0123456789"],
      ["exact", "Bearer sk-other-0123456789"],
    ],
  ]);
});

test("a server of one's own is asked without a key, and for nothing", async () => {
  expect(await ask({ provider: "ollama", model: "gpt-4o" })).toMatchObject({ ok: true, value: { costUsd: 0 } });
  expect(heard()).toEqual([[], [["gpt-4o", undefined]]]);
});

test("a key of the caller's own goes in the place of ours, and never to a server that knows nobody by one", async () => {
  const own = { key: "sk-mine-0123456789", provider: null };
  await ask({ provider: "other", model: "small" }, own);
  expect(await ask({ provider: "ollama", model: "small" }, own)).toMatchObject({
    ok: false,
    refusal: { code: "bad_request" },
  });
  expect(heard()).toEqual([[], [["small", "Bearer sk-mine-0123456789"]]]);
});

test("a provider that is not configured is not asked", async () => {
  for (const provider of ["anthropic", "nobody", "constructor"])
    expect(await ask({ provider, model: "m" })).toMatchObject({ ok: false, refusal: { code: "bad_request" } });
  expect(heard()).toEqual([[], []]);
});

test("how sure a model is comes from the probabilities of its words, where they were asked for and are told", async () => {
  const chunk = (content: string, logprob: number) =>
    JSON.stringify({
      choices: [
        { index: 0, delta: { content }, logprobs: { content: [{ token: content, logprob }] }, finish_reason: null },
      ],
    });
  const end = JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
  const lines = [chunk("per", Math.log(0.5)), chunk("haps", Math.log(0.125)), end, "[DONE]"];
  one.play([{ kind: "rubbish", body: lines.map((line) => `data: ${line}\n\n`).join("") }]);
  const judged = await ask({ provider: "openai", model: "gpt-4o", confidence: true });
  expect(judged.ok && judged.value.confidence).toBeCloseTo(0.25, 9);
  expect(one.requests[0]?.body.logprobs).toBe(true);
  one.play([{ kind: "text", text: "Hello." }]);
  const silent = await ask({ provider: "openai", model: "gpt-4o" });
  expect(silent.ok && "confidence" in silent.value).toBe(false);
  expect(one.requests[1]?.body.logprobs).toBeUndefined();
});
