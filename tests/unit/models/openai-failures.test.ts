import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chatModelFrom } from "#adapters/models/chat-model.ts";
import { OpenAiChatModel } from "#adapters/models/openai.ts";
import { priceBook } from "#domain/billing/price.ts";
import { type OpenAiServer, type Script, startOpenAiServer } from "#tests/doubles/openai-server.ts";
import { asks, listening } from "#tests/support/model-requests.ts";

// Of no known shape: it must be recognised because it is ours.
const KEY = "9f8e7d6c5b4a39281706";
const HELLO = { ...asks("hello"), model: "gpt-4o-mini" };
let server: OpenAiServer;
beforeAll(async () => {
  server = await startOpenAiServer([]);
});
afterAll(() => server.close());

const model = (idleMs?: number) =>
  new OpenAiChatModel({
    baseUrl: server.baseUrl,
    apiKey: KEY,
    provider: "openai",
    prices: priceBook(),
    fetch,
    idleMs,
  });

const ask = async (script: Script, more: Partial<Parameters<typeof listening>[0]> = {}, idleMs?: number) => {
  server.play(script);
  const options = listening(more);
  return { result: await model(idleMs).complete(HELLO, options), deltas: options.deltas };
};

describe("a failing model server", () => {
  test.each([
    [429, "rate_limited", true],
    [500, "server_error", true],
    [503, "server_error", true],
    [408, "timeout", true],
    [401, "auth", false],
    [403, "auth", false],
    [400, "bad_request", false],
    [404, "bad_request", false],
    [422, "bad_request", false],
  ] as const)("%i becomes %s", async (status, code, retryable) => {
    const { result } = await ask([{ kind: "error", status }]);
    expect(result).toMatchObject({ ok: false, refusal: { code, retryable, model: "gpt-4o-mini" } });
  });

  test("that repeats the key in an answer does not get it any further than the stream", async () => {
    const { result } = await ask([{ kind: "text", text: `your key is ${KEY}, and ${KEY}` }]);
    expect(result).toMatchObject({ ok: true, value: { text: "your key is [key], and [key]" } });
    const called = await ask([
      { kind: "tools", calls: [{ id: `call_${KEY}`, name: "read_file", arguments: JSON.stringify({ path: KEY }) }] },
    ]);
    expect(called.result.ok).toBe(true);
    expect(JSON.stringify(called.result)).not.toContain(KEY);
  });

  test("is asked once: retrying is the turn's decision", async () => {
    const before = server.requests.length;
    await ask([{ kind: "error", status: 500 }]);
    expect(server.requests.length).toBe(before + 1);
  });

  test.each([
    [{ "retry-after-ms": "1500", "retry-after": "9" }, 1500],
    [{ "retry-after": "2" }, 2000],
    [{ "retry-after": "Thu, 01 Jan 1970 00:00:00 GMT" }, 0],
    [{ "retry-after": "soon" }, null],
    [{}, null],
  ])("its wish %j to wait is passed on", async (headers, retryAfterMs) => {
    const { result } = await ask([{ kind: "error", status: 429, headers }]);
    expect(result).toMatchObject({ ok: false, refusal: { code: "rate_limited", retryAfterMs } });
  });

  test("is not asked again when the money has run out", async () => {
    const { result } = await ask([{ kind: "error", status: 429, code: "insufficient_quota" }]);
    expect(result).toMatchObject({ ok: false, refusal: { code: "rate_limited", retryable: false } });
  });

  test("cannot make a key appear in a message", async () => {
    const { result } = await ask([
      {
        kind: "error",
        status: 401,
        message: `Incorrect API key provided: ${KEY}. Also sk-proj-abcdefghijklmnop and Bearer abc.def`,
      },
    ]);
    const text = JSON.stringify(result);
    expect(text).toContain("Incorrect API key provided");
    for (const secret of [KEY, "sk-proj-abcdefghijklmnop", "abc.def"]) expect(text).not.toContain(secret);
  });

  test("that ends without a finish reason sent no answer, whatever text came", async () => {
    const { result, deltas } = await ask([{ kind: "half", text: "half an" }]);
    expect(deltas.join("")).toBe("half an");
    expect(result).toMatchObject({ ok: false, refusal: { code: "invalid_response", retryable: true } });
  });

  test.each([
    ["broken JSON in a stream", "data: {nope\n\n", "text/event-stream"],
    ["a web page", "<html>Welcome</html>", "text/html"],
    ["nothing", "", "text/event-stream"],
    [
      "chunks of another shape",
      'data: {"choices":[{"delta":null}]}\n\ndata: {"choices":"x"}\n\ndata: [DONE]\n\n',
      "text/event-stream",
    ],
  ])("that sends %s sent no answer", async (_name, body, contentType) => {
    const { result } = await ask([{ kind: "rubbish", body, contentType }]);
    expect(result).toMatchObject({ ok: false, refusal: { code: "invalid_response", retryable: true } });
  });

  test("that tears the connection is a lost connection", async () => {
    const { result } = await ask([{ kind: "drop", text: "some words" }]);
    expect(result).toMatchObject({ ok: false, refusal: { code: "connection", retryable: true, begun: true } });
  });

  test("has begun to answer only when something of an answer came", async () => {
    const refused = await ask([{ kind: "error", status: 500 }]);
    expect(refused.result).not.toHaveProperty("refusal.begun");
    const broken = await ask([{ kind: "error-in-stream", text: "so far", error: { message: "oops" } }]);
    expect(broken.result).toMatchObject({ ok: false, refusal: { code: "server_error", begun: true } });
  });

  test.each([
    ["stop", "said nothing"],
    ["length", "before it said anything"],
    ["content_filter", "held the whole answer back"],
    ["tool_calls", "made none"],
  ])("that ends with %s and without a word sent no answer", async (finish, why) => {
    const { result } = await ask([{ kind: "text", text: " ", finish }]);
    expect(result).toMatchObject({
      ok: false,
      refusal: { code: "invalid_response", retryable: true, message: expect.stringContaining(why) },
    });
  });

  test.each([
    [{ message: "overloaded", code: 502 }, "server_error"],
    [{ message: "slow down", code: 429 }, "rate_limited"],
    [{ message: "too long", code: "context_length_exceeded" }, "bad_request"],
    [{ message: "oops" }, "server_error"],
  ])("that reports %j within a stream is %s", async (error, code) => {
    const { result } = await ask([{ kind: "error-in-stream", text: "so far", error }]);
    expect(result).toMatchObject({ ok: false, refusal: { code } });
  });

  test("that never answers runs into the whole time", async () => {
    const { result } = await ask([{ kind: "hang" }], { timeoutMs: 60 });
    expect(result).toMatchObject({
      ok: false,
      refusal: { code: "timeout", retryable: true, message: expect.stringContaining("longer") },
    });
  });

  test("that falls silent in mid-stream is given up after the idle time", async () => {
    const { result, deltas } = await ask([{ kind: "stall", text: "and then" }], {}, 700);
    expect(deltas.join("")).toBe("and then");
    expect(result).toMatchObject({
      ok: false,
      refusal: { code: "timeout", message: expect.stringContaining("silent") },
    });
  });

  test("that is slow but alive is not given up", async () => {
    const { result } = await ask([{ kind: "text", text: "one two three four five six", delayMs: 150 }], {}, 1_000);
    expect(result).toMatchObject({ ok: true, value: { text: "one two three four five six" } });
  });

  test("that does not exist is a connection failure", async () => {
    const gone = chatModelFrom({ baseUrl: "http://127.0.0.1:1/v1", apiKey: KEY, models: "m", fetch });
    const result = await gone.complete(HELLO, listening());
    expect(result).toMatchObject({ ok: false, refusal: { code: "connection", retryable: true } });
  });
});

describe("a call that is stopped", () => {
  test("ends at once, and the server sees the connection close", async () => {
    const stop = new AbortController();
    const listener = listening({ signal: stop.signal });
    server.play([{ kind: "stall", text: "and then" }]);
    const onDelta = () => stop.abort();
    const result = await model().complete(HELLO, { ...listener, onDelta });
    expect(result).toMatchObject({ ok: false, refusal: { code: "aborted", retryable: false } });
    await expect.poll(() => server.requests.at(-1)?.aborted).toBe(true);
  });

  test("ends even when the transport does not notice", async () => {
    const stop = new AbortController();
    const deaf = new OpenAiChatModel({
      baseUrl: server.baseUrl,
      apiKey: null,
      provider: "openai",
      prices: priceBook(),
      fetch: () => new Promise<Response>(() => {}),
    });
    const pending = deaf.complete(HELLO, listening({ signal: stop.signal }));
    stop.abort();
    expect(await pending).toMatchObject({ ok: false, refusal: { code: "aborted" } });
  });
});
