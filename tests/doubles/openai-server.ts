// A scripted OpenAI-compatible server on 127.0.0.1, for tests and benches: it answers what the script says, writes down
// every request, and holds each against OpenAI's own contract. A request that breaks it gets a 400 and is in `violations`.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { base64Of, embed } from "#adapters/models/offline/embeddings.ts";
import { onLoopback, textOf } from "./on-loopback.ts";
import { openAiContract } from "./openai-contract.ts";
import { chunksFor, completionFor, piecesOf, type ScriptedReply, textChunk } from "./openai-replies.ts";

/** A chat request as it arrived. */
export interface RecordedRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: ChatRequestBody;
  /** Whether the client hung up before the answer was over. */
  aborted: boolean;
}

/** The parts of a chat request a script looks at. */
export interface ChatRequestBody {
  readonly model: string;
  readonly stream?: boolean;
  readonly messages: readonly {
    readonly role: string;
    readonly content?: string | null;
    readonly tool_calls?: readonly unknown[];
    readonly tool_call_id?: string;
  }[];
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
  readonly [field: string]: unknown;
}

/** A list is answered in order and its last reply repeats; a function answers each request. */
export type Script = readonly ScriptedReply[] | ((request: RecordedRequest, count: number) => ScriptedReply);

/** What the server does when it is asked for embeddings. */
export type ScriptedEmbeddings =
  | {
      readonly kind: "vectors";
      /** Numbers although base64 was asked for, as many servers answer. */
      readonly asNumbers?: boolean;
      /** Instead of the asked, or the usual, length. */
      readonly dimensions?: number;
      /** How many vectors too few. */
      readonly missing?: number;
      /** In the first place of the first vector. */
      readonly first?: number;
    }
  | { readonly kind: "error"; readonly status: number; readonly message?: string }
  | { readonly kind: "rubbish"; readonly body: string }
  | { readonly kind: "hang" };

/** A request for embeddings as it arrived. */
export interface EmbeddingsRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: { readonly model: string; readonly input: readonly string[]; readonly dimensions?: number };
}

export interface OpenAiServerOptions {
  /** Off for benches: checking costs more than answering. */
  readonly validate?: boolean;
}

/** A running server. `baseUrl` is what goes into OPENAI_BASE_URL. */
export interface OpenAiServer {
  readonly baseUrl: string;
  readonly requests: RecordedRequest[];
  readonly violations: string[];
  readonly embeddings: EmbeddingsRequest[];
  /** Replaces what is answered to requests for embeddings. */
  embed(script: ScriptedEmbeddings): void;
  /** Replaces the script; a list begins at its start. */
  play(script: Script): void;
  close(): Promise<void>;
}

const sendJson = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
) => {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
};

const errorBody = (message: string, code: string | null, type = "invalid_request_error") => ({
  error: { message, type, param: null, code },
});

const openStream = (response: ServerResponse) =>
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" });

const frame = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;

const answer = async (
  reply: ScriptedReply,
  request: RecordedRequest,
  count: number,
  response: ServerResponse,
): Promise<void> => {
  const envelope = { id: `chatcmpl-scripted-${count}`, created: 1_767_225_600, model: request.body.model };
  const begin = (text: string) => {
    openStream(response);
    response.write(frame(textChunk(envelope, { role: "assistant", content: "" })));
    for (const content of piecesOf({ text })) response.write(frame(textChunk(envelope, { content })));
  };
  switch (reply.kind) {
    case "error":
      sendJson(
        response,
        reply.status,
        errorBody(reply.message ?? `scripted ${reply.status}`, reply.code ?? null, "scripted_error"),
        reply.headers,
      );
      return;
    case "rubbish":
      response.writeHead(200, { "content-type": reply.contentType ?? "text/event-stream" });
      response.end(reply.body ?? "data: {this is not json\n\n");
      return;
    case "hang":
      return;
    case "half":
      begin(reply.text);
      response.end();
      return;
    case "stall":
      begin(reply.text);
      return;
    case "drop":
      begin(reply.text);
      await sleep(20);
      response.destroy();
      return;
    case "error-in-stream":
      begin(reply.text);
      response.end(frame({ error: reply.error }));
      return;
    case "text":
    case "tools": {
      if (reply.firstDelayMs) await sleep(reply.firstDelayMs);
      if (!request.body.stream) return sendJson(response, 200, completionFor(reply, envelope));
      openStream(response);
      const chunks = chunksFor(reply, envelope);
      if (!reply.delayMs) {
        response.end(`${chunks.map(frame).join("")}data: [DONE]\n\n`);
        return;
      }
      for (const chunk of chunks) {
        if (response.destroyed) return;
        response.write(frame(chunk));
        await sleep(reply.delayMs);
      }
      response.end("data: [DONE]\n\n");
    }
  }
};

const MODELS = {
  object: "list",
  data: [{ id: "scripted", object: "model", created: 1_767_225_600, owned_by: "tests" }],
};

const USUAL_DIMENSIONS = 1536;

const answerEmbeddings = (script: ScriptedEmbeddings, { body }: EmbeddingsRequest, response: ServerResponse): void => {
  if (script.kind === "hang") return;
  if (script.kind === "error")
    return sendJson(response, script.status, errorBody(script.message ?? `scripted ${script.status}`, null));
  if (script.kind === "rubbish") {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(script.body);
    return;
  }
  const vectors = body.input.map((text) => embed(text, script.dimensions ?? body.dimensions ?? USUAL_DIMENSIONS));
  if (script.first !== undefined) vectors[0]?.fill(script.first, 0, 1);
  const tokens = body.input.reduce((sum, text) => sum + Math.ceil(text.length / 4), 0);
  sendJson(response, 200, {
    object: "list",
    model: body.model,
    // Out of their order: the index says which is which.
    data: vectors
      .map((vector, index) => ({
        object: "embedding",
        index,
        embedding: script.asNumbers === true ? Array.from(vector) : base64Of(vector),
      }))
      .slice(script.missing ?? 0)
      .reverse(),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  });
};

/** Starts a server that plays `script`. */
export const startOpenAiServer = async (script: Script, options: OpenAiServerOptions = {}): Promise<OpenAiServer> => {
  const contract = options.validate === false ? null : openAiContract();
  const requests: RecordedRequest[] = [];
  const violations: string[] = [];
  const embeddings: EmbeddingsRequest[] = [];
  let playing = script;
  let embedding: ScriptedEmbeddings = { kind: "vectors" };
  let began = 0;

  const next = (request: RecordedRequest): ScriptedReply => {
    const count = requests.length - 1;
    if (typeof playing === "function") return playing(request, count);
    const reply = playing[Math.min(count - began, playing.length - 1)];
    return reply ?? { kind: "error", status: 500, message: "the script is empty" };
  };

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = incoming.url ?? "/";
    if (incoming.method === "GET" && path.endsWith("/models")) return sendJson(response, 200, MODELS);
    const raw = await textOf(incoming);
    if (path.endsWith("/embeddings")) {
      const request: EmbeddingsRequest = { headers: incoming.headers, body: JSON.parse(raw) };
      const wrong = contract?.("embeddings request", request.body) ?? [];
      violations.push(...wrong);
      if (wrong.length > 0) return sendJson(response, 400, errorBody(`not by the contract: ${wrong.join("; ")}`, null));
      embeddings.push(request);
      return answerEmbeddings(embedding, request, response);
    }
    if (!path.endsWith("/chat/completions")) return sendJson(response, 404, errorBody("no such address", null));
    const body: ChatRequestBody = JSON.parse(raw);
    const wrong = contract?.("chat request", body) ?? [];
    if (wrong.length > 0) {
      violations.push(...wrong);
      return sendJson(response, 400, errorBody(`not by the contract: ${wrong.join("; ")}`, null));
    }
    const request: RecordedRequest = { path, headers: incoming.headers, body, aborted: false };
    response.on("close", () => {
      request.aborted = !response.writableFinished;
    });
    requests.push(request);
    await answer(next(request), request, requests.length - 1, response);
  };

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch((error: unknown) => {
      if (!response.headersSent) sendJson(response, 500, errorBody(String(error), null));
      else response.destroy();
    });
  });
  const { url, close } = await onLoopback(server);
  return {
    baseUrl: `${url}/v1`,
    requests,
    violations,
    embeddings,
    embed: (replacement) => {
      embedding = replacement;
    },
    play: (replacement) => {
      playing = replacement;
      began = requests.length;
    },
    close,
  };
};
