// Cloudflare's own models behind the same hand as every other server, over a binding that answers as the documents say.
import { expect, it } from "vitest";
import { chatModelOf } from "#adapters/models/chat-model.ts";
import { readModelSettings } from "#adapters/models/model-settings.ts";
import type { AiBinding } from "#adapters/models/workers-ai.ts";
import { must } from "#tests/support/workerd/spaces.ts";

type Run = AiBinding["run"];

const streamOf = (...frames: readonly unknown[]): ReadableStream<Uint8Array> =>
  new Response(frames.map((frame) => `data: ${typeof frame === "string" ? frame : JSON.stringify(frame)}\n\n`).join(""))
    .body ?? new ReadableStream();

const asking = async (run: Run, tools = false) => {
  const calls: { model: string; inputs: Record<string, unknown> }[] = [];
  const ai: AiBinding = {
    run: (model, inputs) => {
      calls.push({ model, inputs });
      return run(model, inputs);
    },
  };
  const model = chatModelOf(must(readModelSettings(() => undefined, true)), { ai });
  const deltas: string[] = [];
  const tool = { name: "read_file", description: "Reads", parameters: { type: "object", properties: {} } };
  const result = await model.complete(
    {
      tier: "fast",
      messages: [{ role: "user", content: "hello" }],
      tools: tools ? [tool] : [],
      endUser: "u",
      maxTokens: 9,
    },
    { onDelta: (text) => deltas.push(text), signal: new AbortController().signal, timeoutMs: 10_000 },
  );
  return { result, deltas, calls };
};

it("streams the frames of older models", async () => {
  const { result, deltas, calls } = await asking(async () =>
    streamOf(
      { response: "Hel" },
      { response: "lo" },
      { response: "", usage: { prompt_tokens: 3, completion_tokens: 2 } },
      "[DONE]",
    ),
  );
  expect(deltas).toEqual(["Hel", "lo"]);
  expect(result).toMatchObject({
    ok: true,
    value: { text: "Hello", finishReason: "stop", inputTokens: 3, outputTokens: 2, usageEstimated: false },
  });
  expect(calls).toMatchObject([
    { model: "@cf/meta/llama-3.1-8b-instruct", inputs: { stream: true, max_tokens: 9, messages: [{ role: "user" }] } },
  ]);
  expect(Object.keys(calls[0]?.inputs ?? {}).sort()).toEqual(["max_tokens", "messages", "stream"]);
});

it("streams the chunks of newer models", async () => {
  const chunk = (delta: object, finish_reason: string | null = null) => ({
    choices: [{ index: 0, delta, finish_reason }],
  });
  const { result } = await asking(async () =>
    streamOf(chunk({ content: "Hi" }), chunk({ content: "!" }), chunk({}, "length"), "[DONE]"),
  );
  expect(result).toMatchObject({ ok: true, value: { text: "Hi!", finishReason: "length" } });
});

it("takes tool calls with arguments as values, from a model that does not stream", async () => {
  const { result } = await asking(
    async () => ({ response: null, tool_calls: [{ name: "read_file", arguments: { path: "a.txt" } }] }),
    true,
  );
  expect(result).toMatchObject({
    ok: true,
    value: { finishReason: "tool_calls", toolCalls: [{ name: "read_file", arguments: '{"path":"a.txt"}' }] },
  });
});

it.each([
  [async () => streamOf({ response: "Hel" }), "invalid_response"],
  [async () => streamOf("{no json"), "invalid_response"],
  [async () => Promise.reject(new Error("3040: Capacity temporarily exceeded")), "rate_limited"],
  [async () => Promise.reject(new Error("5007: No such model")), "bad_request"],
  [async () => Promise.reject(new Error("something broke")), "server_error"],
] as const)("takes half a stream, rubbish and its errors for what they are", async (run, code) => {
  expect((await asking(run)).result).toMatchObject({ ok: false, refusal: { code } });
});
