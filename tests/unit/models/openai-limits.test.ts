// What a model server may not do to us by the sheer size or shape of its answer.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chatModelFrom } from "#adapters/models/chat-model.ts";
import { type OpenAiServer, startOpenAiServer } from "#tests/doubles/openai-server.ts";
import { asks, listening } from "#tests/support/model-requests.ts";

let server: OpenAiServer;
beforeAll(async () => {
  server = await startOpenAiServer([]);
});
afterAll(() => server.close());

const event = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
const delta = (content: object, finish: string | null = null) => ({
  model: "some-model",
  choices: [{ index: 0, delta: content, finish_reason: finish }],
});
const call = (name: string, args: unknown) => ({
  tool_calls: [{ index: 0, id: "one", function: { name, arguments: args } }],
});

const said = (body: string) => {
  server.play([{ kind: "rubbish", body }]);
  const model = chatModelFrom({ baseUrl: server.baseUrl, apiKey: null, models: "scripted", fetch });
  return model.complete(asks("hello"), listening());
};
const answered = (...chunks: readonly object[]) => said(`${chunks.map(event).join("")}data: [DONE]\n\n`);
const refused = { ok: false, refusal: { code: "invalid_response" } };

describe("a model server's answer", () => {
  test("is not read on once it is longer than any answer", async () => {
    const result = await answered(...Array.from({ length: 50 }, () => delta({ content: "x".repeat(100_000) })));
    expect(result).toMatchObject({ ok: false, refusal: { message: "The answer is longer than 4000000 characters" } });
  });

  test("is refused when a part of it would not fit into a row of the log, counted as it is written there", async () => {
    expect(await answered(delta({ content: "\u0001".repeat(400_000) }, "stop"))).toMatchObject(refused);
    expect(await answered(delta({ content: "漢".repeat(600_000) }, "stop"))).toMatchObject(refused);
    expect(await answered(delta(call("write_file", "x".repeat(1_600_000)), "tool_calls"))).toMatchObject(refused);
    expect(await answered(delta({ content: "x".repeat(1_000_000) }, "stop"))).toMatchObject({ ok: true });
  });

  test("cannot call a tool by a name of megabytes", async () => {
    expect(await answered(delta(call("n".repeat(201), "{}"), "tool_calls"))).toMatchObject(refused);
  });

  test("has half surrogates replaced, but not a pair that came in two chunks", async () => {
    const result = await answered(delta({ content: "\ud83d" }), delta({ content: "\ude00 and \ud800" }, "stop"));
    expect(result).toMatchObject({ ok: true, value: { text: "😀 and \ufffd" } });
  });

  test("does not count tokens nobody could have used", async () => {
    const usage = { model: "some-model", choices: [], usage: { prompt_tokens: 1e300, completion_tokens: 1 } };
    const result = await answered(delta({ content: "hi" }, "stop"), usage);
    expect(result).toMatchObject({ ok: true, value: { usageEstimated: true } });
  });

  test("cannot hide behind megabytes that are no event", async () => {
    const whole = event(delta({ content: "hi" }, "stop"));
    expect(await said(`:${"q".repeat(1_000)}\n\n${whole}`)).toMatchObject({ ok: true });
    expect(await said(`:${"q".repeat(8_500_000)}\n\n${whole}`)).toMatchObject(refused);
  });

  test("whose error message holds half a surrogate pair is told in well-formed words", async () => {
    const result = await said(event({ error: { message: "no \ud800 way" } }));
    expect(result.ok ? "" : result.refusal.message).toContain("no \ufffd way");
  });
});
