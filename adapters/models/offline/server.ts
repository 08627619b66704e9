// The offline model as a server that needs no network: a `fetch` that answers the OpenAI protocol itself. Handed to the
// real SDK in place of the real fetch, so every path above it is the real one.
import { base64Of, embed } from "./embeddings.ts";
import { OFFLINE_EMBEDDING_MODEL, OFFLINE_MODEL } from "./model-name.ts";
import { ChatBody, EmbeddingsBody } from "./protocol.ts";
import { replyId, respond } from "./respond.ts";
import { chunksOf, completionOf } from "./wire.ts";
import { wordsOf } from "./words.ts";

const MODELS = [OFFLINE_MODEL, OFFLINE_EMBEDDING_MODEL].map((id) => ({
  id,
  object: "model",
  created: 1_767_225_600,
  owned_by: "retinue",
}));

const problem = (status: number, message: string, code: string | null = null): Response =>
  Response.json({ error: { message, type: "invalid_request_error", param: null, code } }, { status });

/** One chunk per pull, so that a reader who stops costs nothing more. */
const eventStream = (chunks: Iterator<unknown>, signal: AbortSignal | null): ReadableStream<Uint8Array> => {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (signal?.aborted) {
        controller.error(signal.reason);
        return;
      }
      const { value, done } = chunks.next();
      controller.enqueue(encoder.encode(`data: ${done ? "[DONE]" : JSON.stringify(value)}\n\n`));
      if (done) controller.close();
    },
  });
};

const chat = (raw: string, json: unknown, signal: AbortSignal | null): Response => {
  const body = ChatBody.safeParse(json);
  if (!body.success)
    return problem(400, `The request does not fit the protocol: ${body.error.issues[0]?.message ?? ""}`);
  const reply = respond(body.data);
  const envelope = { id: replyId(raw), created: Math.floor(Date.now() / 1000) };
  if (!body.data.stream) return Response.json(completionOf(reply, envelope));
  const chunks = chunksOf(reply, envelope, body.data.stream_options?.include_usage === true);
  return new Response(eventStream(chunks, signal), {
    headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" },
  });
};

const embeddings = (json: unknown): Response => {
  const body = EmbeddingsBody.safeParse(json);
  if (!body.success)
    return problem(400, `The request does not fit the protocol: ${body.error.issues[0]?.message ?? ""}`);
  const { input, dimensions, encoding_format: format } = body.data;
  const texts =
    typeof input === "string" ? [input] : typeof input[0] === "number" ? [input.join(" ")] : input.map(String);
  const tokens = texts.reduce((sum, text) => sum + wordsOf(text).length, 0);
  return Response.json({
    object: "list",
    model: OFFLINE_EMBEDDING_MODEL,
    data: texts.map((text, index) => {
      const vector = embed(text, dimensions);
      return { object: "embedding", index, embedding: format === "base64" ? base64Of(vector) : Array.from(vector) };
    }),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  });
};

const models = (name: string): Response => {
  if (name === "") return Response.json({ object: "list", data: MODELS });
  const model = MODELS.find(({ id }) => id === name);
  return model === undefined ? problem(404, `There is no model ${name}`, "model_not_found") : Response.json(model);
};

const parsed = (raw: string): { json: unknown } | null => {
  try {
    return { json: JSON.parse(raw) };
  } catch {
    return null;
  }
};

/** The offline model's `fetch`. Any host; the path decides. */
export const offlineFetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
  const request = new Request(input, init);
  const signal = init?.signal ?? null;
  signal?.throwIfAborted();
  const { pathname } = new URL(request.url);
  if (request.method === "GET") {
    const name = /\/models(?:\/(.+))?$/.exec(pathname);
    return name === null ? problem(404, "There is no such address") : models(decodeURIComponent(name[1] ?? ""));
  }
  if (request.method !== "POST") return problem(405, "This address takes GET and POST only");
  const raw = await request.text();
  const body = parsed(raw);
  if (body === null) return problem(400, "The body is not valid JSON");
  if (pathname.endsWith("/chat/completions")) return chat(raw, body.json, signal);
  if (pathname.endsWith("/embeddings")) return embeddings(body.json);
  return problem(404, "There is no such address");
};
