// Cloudflare's own models, spoken to as if they were an OpenAI-compatible server: a `fetch` for the SDK over the binding's
// `run`. Older models stream `{response}` frames, newer ones chunks as OpenAI has them; both come out as chunks.
import { createParser } from "eventsource-parser";

/** The binding, as far as it is used. */
export interface AiBinding {
  run(model: string, inputs: Record<string, unknown>): Promise<unknown>;
}

const PASSED_ON = ["messages", "tools", "temperature", "response_format", "max_tokens"] as const;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

const failed = (error: unknown): Response => {
  const message = error instanceof Error ? error.message : "the model could not be asked";
  // Its errors carry a code in words only.
  const status = /\b(?:429|3040|rate limit|capacity)\b/i.test(message)
    ? 429
    : /\b(?:400|5007|no such model)\b/i.test(message)
      ? 400
      : 500;
  return Response.json({ error: { message, type: "workers_ai_error", param: null, code: null } }, { status });
};

/** Its tool calls carry arguments as a value; OpenAI's carry text. */
const toolCallOf = (call: unknown, index: number): Record<string, unknown> => {
  const inner = isObject(call) && isObject(call.function) ? call.function : isObject(call) ? call : {};
  const { name, arguments: args } = inner;
  return {
    index,
    id: isObject(call) && typeof call.id === "string" ? call.id : `call_${crypto.randomUUID().replaceAll("-", "")}`,
    type: "function",
    function: { name: String(name ?? ""), arguments: typeof args === "string" ? args : JSON.stringify(args ?? {}) },
  };
};

/** Turns frames of either kind into chunks, and says how the answer ended where the model does not. */
class Chunks {
  readonly #model: string;
  #called = 0;
  #finished = false;

  constructor(model: string) {
    this.#model = model;
  }

  of(frame: Record<string, unknown>): unknown[] {
    if (Array.isArray(frame.choices)) {
      this.#finished ||= frame.choices.some((choice) => isObject(choice) && typeof choice.finish_reason === "string");
      return [frame];
    }
    const calls = Array.isArray(frame.tool_calls) ? frame.tool_calls : [];
    const delta = {
      ...(typeof frame.response === "string" ? { content: frame.response } : {}),
      // An answer under a schema comes as a value.
      ...(isObject(frame.response) ? { content: JSON.stringify(frame.response) } : {}),
      ...(calls.length === 0 ? {} : { tool_calls: calls.map((call, at) => toolCallOf(call, this.#called + at)) }),
    };
    this.#called += calls.length;
    return [this.#chunk(delta, null, frame.usage)];
  }

  end(): unknown[] {
    return this.#finished ? [] : [this.#chunk({}, this.#called > 0 ? "tool_calls" : "stop", undefined)];
  }

  #chunk(delta: object, finish_reason: string | null, usage: unknown): object {
    return {
      object: "chat.completion.chunk",
      model: this.#model,
      choices: [{ index: 0, delta, finish_reason }],
      ...(isObject(usage) ? { usage } : {}),
    };
  }
}

const asChunks = (model: string): TransformStream<Uint8Array, Uint8Array> => {
  const chunks = new Chunks(model);
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  let out: TransformStreamDefaultController<Uint8Array> | null = null;
  let done = false;
  const send = (chunk: unknown): void => out?.enqueue(encoder.encode(`data: ${JSON.stringify(chunk)}\n\n`));
  const parser = createParser({
    onEvent: ({ data }) => {
      if (data.startsWith("[DONE]")) done = true;
      if (done) return;
      const frame: unknown = JSON.parse(data);
      if (isObject(frame)) for (const chunk of chunks.of(frame)) send(chunk);
    },
  });
  return new TransformStream({
    start: (controller) => {
      out = controller;
    },
    transform: (bytes) => parser.feed(decoder.decode(bytes, { stream: true })),
    flush: () => {
      // Half a stream must not look like a whole answer.
      if (!done) return;
      for (const chunk of chunks.end()) send(chunk);
      out?.enqueue(encoder.encode("data: [DONE]\n\n"));
    },
  });
};

/** A fetch that asks the binding. */
export const workersAiFetch =
  (ai: AiBinding): typeof fetch =>
  async (_input: string | URL | Request, init?: RequestInit) => {
    const body: unknown = JSON.parse(String(init?.body ?? "{}"));
    if (!isObject(body)) return failed(new Error("400: not a request"));
    const model = String(body.model);
    const inputs = Object.fromEntries(
      PASSED_ON.flatMap((name) => (body[name] === undefined ? [] : [[name, body[name]]])),
    );
    try {
      const answer = await ai.run(model, { ...inputs, stream: true });
      if (answer instanceof ReadableStream)
        return new Response(answer.pipeThrough(asChunks(model)), { headers: { "content-type": "text/event-stream" } });
      // Some models do not stream: what they say is one frame.
      const chunks = new Chunks(model);
      const frames = isObject(answer) ? [...chunks.of(answer), ...chunks.end()] : [];
      const text = [...frames.map((frame) => JSON.stringify(frame)), "[DONE]"].map((data) => `data: ${data}\n\n`);
      return new Response(text.join(""), { headers: { "content-type": "text/event-stream" } });
    } catch (error) {
      return failed(error);
    }
  };
