// One suite for every hand behind the ChatModel port: a real HTTP server through the adapter, and the offline model.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chatModelFrom } from "#adapters/models/chat-model.ts";
import type { ChatModel } from "#domain/models/port.ts";
import { ModelTier } from "#schema/api/agents.ts";
import type { ScriptedReply } from "#tests/doubles/openai-replies.ts";
import { type OpenAiServer, type RecordedRequest, startOpenAiServer } from "#tests/doubles/openai-server.ts";
import { answered, asks, FILE_TOOLS, listening } from "#tests/support/model-requests.ts";

/** Behaves as a sensible model would: reads when it can, then answers. */
const sensible = ({ body }: RecordedRequest): ScriptedReply => {
  const last = body.messages.at(-1);
  const canRead = body.tools?.some((tool) => tool.function.name === "read_file") ?? false;
  if (last?.role === "user" && canRead)
    return { kind: "tools", calls: [{ name: "read_file", arguments: { path: "package.json" } }] };
  return {
    kind: "text",
    text: last?.role === "tool" ? "The project is called lodge." : "I have no tools, so I can only talk.",
  };
};

interface Hand {
  readonly model: ChatModel;
  close(): Promise<void>;
}

const hands: Readonly<Record<string, () => Promise<Hand>>> = {
  "an OpenAI-compatible server": async () => {
    const server: OpenAiServer = await startOpenAiServer(sensible);
    const model = chatModelFrom({
      baseUrl: server.baseUrl,
      apiKey: "sk-test-0123456789abcdef",
      models: "gpt-4o-mini",
      fetch,
    });
    return { model, close: () => server.close() };
  },
  "the offline model": async () => ({
    model: chatModelFrom({ baseUrl: null, apiKey: null, models: null, fetch }),
    close: async () => {},
  }),
};

describe.each(Object.keys(hands))("%s as a ChatModel", (name) => {
  let hand: Hand;
  beforeAll(async () => {
    const open = hands[name];
    if (open === undefined) throw new Error(`no hand called ${name}`);
    hand = await open();
  });
  afterAll(() => hand.close());

  test("streams text whose pieces add up to the reply", async () => {
    const options = listening();
    const result = await hand.model.complete(asks("Tell me something about rivers"), options);
    expect(result).toMatchObject({ ok: true, value: { finishReason: "stop", toolCalls: [] } });
    expect(result.ok && result.value.text).toBe(options.deltas.join(""));
    expect(options.deltas.length).toBeGreaterThan(3);
  });

  test("calls an offered tool with JSON arguments, and answers once it has the result", async () => {
    const request = asks("what does package.json say this project is called?", { tools: FILE_TOOLS });
    const first = await hand.model.complete(request, listening());
    expect(first).toMatchObject({
      ok: true,
      value: { finishReason: "tool_calls", toolCalls: [{ name: "read_file" }] },
    });
    const call = first.ok ? first.value.toolCalls[0] : undefined;
    if (call === undefined) throw new Error("no tool call");
    expect(call.id).not.toBe("");
    expect(JSON.parse(call.arguments)).toEqual({ path: "package.json" });

    const second = await hand.model.complete(
      answered(request, call, '{"name":"lodge","version":"2.1.0"}'),
      listening(),
    );
    expect(second).toMatchObject({ ok: true, value: { finishReason: "stop", toolCalls: [] } });
    expect(second.ok && second.value.text).toContain("lodge");
  });

  test("calls no tool that was not offered", async () => {
    const result = await hand.model.complete(asks("read package.json"), listening());
    expect(result).toMatchObject({ ok: true, value: { finishReason: "stop", toolCalls: [] } });
  });

  test("reports tokens and a cost", async () => {
    const result = await hand.model.complete(asks("Tell me something"), listening());
    if (!result.ok) throw new Error(result.refusal.message);
    expect(result.value.inputTokens).toBeGreaterThan(0);
    expect(result.value.outputTokens).toBeGreaterThan(0);
    expect(result.value.usageEstimated).toBe(false);
    expect(result.value.costUsd).toBeGreaterThanOrEqual(0);
  });

  test("answers an already stopped call with a value, and streams nothing", async () => {
    const options = listening({ signal: AbortSignal.abort() });
    const result = await hand.model.complete(asks("Tell me something"), options);
    expect(result).toMatchObject({ ok: false, refusal: { code: "aborted", retryable: false } });
    expect(options.deltas).toEqual([]);
  });

  test("stops in the middle of a stream when it is told to", async () => {
    const stop = new AbortController();
    const deltas: string[] = [];
    const onDelta = (text: string) => {
      deltas.push(text);
      stop.abort();
    };
    const result = await hand.model.complete(asks("Tell me something"), {
      onDelta,
      signal: stop.signal,
      timeoutMs: 15_000,
    });
    expect(result).toMatchObject({ ok: false, refusal: { code: "aborted" } });
    expect(deltas).toHaveLength(1);
  });

  test("gives every tier a model", () => {
    for (const tier of ModelTier.options) expect(hand.model.modelOf(tier)).toMatch(/^\S+$/);
  });
});
