import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chatModelFrom } from "#adapters/models/chat-model.ts";
import { type OpenAiServer, startOpenAiServer } from "#tests/doubles/openai-server.ts";
import { asks, FILE_TOOLS, listening } from "#tests/support/model-requests.ts";

let server: OpenAiServer;
beforeAll(async () => {
  server = await startOpenAiServer([]);
});
afterAll(() => server.close());

const model = (apiKey: string | null = "sk-test-0123456789abcdef") =>
  chatModelFrom({ baseUrl: server.baseUrl, apiKey, models: "fast=gpt-4o-mini,smart=gpt-4o", fetch });

const stream = (...chunks: readonly unknown[]) =>
  ({
    kind: "rubbish",
    body: `${chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join("")}data: [DONE]\n\n`,
  }) as const;

const delta = (content: Record<string, unknown>, finish: string | null = null) => ({
  id: "x",
  model: "some-model",
  choices: [{ index: 0, delta: content, finish_reason: finish }],
});

describe("an answer of a model server", () => {
  test("has parallel tool calls put together from interleaved fragments", async () => {
    server.play([
      {
        kind: "tools",
        text: "Let me look.",
        calls: [
          { id: "call_a", name: "read_file", arguments: { path: "a long name with spaces.md" } },
          { id: "call_b", name: "list_directory", arguments: { path: "src/кириллица" } },
        ],
      },
    ]);
    const result = await model().complete(asks("look", { tools: FILE_TOOLS }), listening());
    expect(result).toMatchObject({
      ok: true,
      value: {
        text: "Let me look.",
        finishReason: "tool_calls",
        toolCalls: [
          { id: "call_a", name: "read_file", arguments: '{"path":"a long name with spaces.md"}' },
          { id: "call_b", name: "list_directory", arguments: '{"path":"src/кириллица"}' },
        ],
      },
    });
  });

  test("keeps calls apart that share an index, names calls that have no id, and gives empty arguments their braces", async () => {
    server.play([
      stream(
        delta({ tool_calls: [{ index: 0, id: "one", function: { name: "read_file", arguments: '{"path":"a"}' } }] }),
        delta({ tool_calls: [{ index: 0, id: "two", function: { name: "list_directory" } }] }, "stop"),
      ),
      stream(delta({ tool_calls: [{ function: { name: "list_directory", arguments: "" } }] }, "tool_calls")),
    ]);
    const shared = await model().complete(asks("look"), listening());
    expect(shared).toMatchObject({
      ok: true,
      value: {
        finishReason: "tool_calls",
        toolCalls: [
          { id: "one", arguments: '{"path":"a"}' },
          { id: "two", name: "list_directory", arguments: "{}" },
        ],
      },
    });
    const nameless = await model().complete(asks("look"), listening());
    expect(nameless).toMatchObject({
      ok: true,
      value: { toolCalls: [{ id: expect.stringMatching(/^call_\w{32}$/) }] },
    });
  });

  test("is cut short when the server says so", async () => {
    server.play([{ kind: "text", text: "half a sent", finish: "length" }]);
    expect(await model().complete(asks("x"), listening())).toMatchObject({
      ok: true,
      value: { finishReason: "length" },
    });
  });

  test("carries the server's own token counts and what they cost", async () => {
    server.play([{ kind: "text", text: "hi", usage: { prompt_tokens: 1_000_000, completion_tokens: 100_000 } }]);
    const result = await model().complete(asks("x", { tier: "fast" }), listening());
    expect(result).toMatchObject({ ok: true, value: { inputTokens: 1_000_000, usageEstimated: false } });
    expect(result.ok && result.value.costUsd).toBeCloseTo(0.21);
  });

  test("has its tokens estimated when the server sends none", async () => {
    server.play([{ kind: "text", text: "twelve letters and more", usage: null }]);
    const result = await model().complete(asks("x"), listening());
    expect(result).toMatchObject({ ok: true, value: { outputTokens: 6, usageEstimated: true } });
    expect(result.ok && result.value.inputTokens).toBeGreaterThan(5);
  });

  test("has no cost when the model is unknown", async () => {
    server.play([{ kind: "text", text: "hi" }]);
    const result = await model().complete(asks("x", { model: "my-own-model" }), listening());
    expect(result).toMatchObject({ ok: true, value: { model: "my-own-model", costUsd: null } });
  });
});

describe("a request to a model server", () => {
  test("goes to the tier's model, or the exact one, with usage asked for and the key in its header", async () => {
    server.play([{ kind: "text", text: "hi" }]);
    await model().complete(asks("x", { tier: "cloud-smart" }), listening());
    await model().complete(asks("x", { model: "o3" }), listening());
    const [tiered, exact] = server.requests.slice(-2);
    expect(tiered?.body).toMatchObject({
      model: "gpt-4o",
      stream: true,
      stream_options: { include_usage: true },
      user: "user-1",
    });
    expect(tiered?.body).not.toHaveProperty("tools");
    expect(tiered?.headers.authorization).toBe("Bearer sk-test-0123456789abcdef");
    expect(exact?.body.model).toBe("o3");
  });

  test("carries no authorization when there is no key", async () => {
    server.play([{ kind: "text", text: "hi" }]);
    expect(await model(null).complete(asks("x"), listening())).toMatchObject({ ok: true });
    expect(server.requests.at(-1)?.headers.authorization).toBeUndefined();
  });

  test("does not follow a redirect to a host nobody configured", async () => {
    const before = server.requests.length;
    server.play((_request, count) =>
      count === before
        ? { kind: "error", status: 307, headers: { location: `${server.baseUrl}/chat/completions` } }
        : { kind: "text", text: "stolen" },
    );
    const result = await model().complete(asks("x"), listening());
    expect(result.ok).toBe(false);
    expect(server.requests.length).toBe(before + 1);
  });
});

describe("the choice of a model", () => {
  test("is the offline model when nothing is set", () => {
    expect(chatModelFrom({ baseUrl: null, apiKey: null, models: null, fetch }).modelOf("fast")).toBe("offline");
  });

  test("is OpenAI itself when only a key is set", async () => {
    const asked: string[] = [];
    const capture: typeof fetch = async (input) => {
      asked.push(String(input));
      return new Response(null, { status: 500 });
    };
    const openai = chatModelFrom({ baseUrl: null, apiKey: "sk-test-0123456789abcdef", models: null, fetch: capture });
    await openai.complete(asks("x"), listening());
    expect(asked).toEqual(["https://api.openai.com/v1/chat/completions"]);
    expect(openai.modelOf("fast")).toBe("gpt-4o-mini");
  });

  test.each([{ baseUrl: "ftp://x/v1" }, { baseUrl: "not a url" }, { models: "quick=gpt-4o" }])(
    "with a setting that cannot be read (%j) refuses each call and says why",
    async (wrong) => {
      const broken = chatModelFrom({ baseUrl: server.baseUrl, apiKey: null, models: "m", fetch, ...wrong });
      const result = await broken.complete(asks("x"), listening());
      expect(result).toMatchObject({
        ok: false,
        refusal: { code: "bad_request", message: expect.stringMatching(/OPENAI_BASE_URL|MODELS/) },
      });
    },
  );
});
