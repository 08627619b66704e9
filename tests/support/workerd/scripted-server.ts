// A model server for spaces under test: an OpenAI-compatible address that the settings name and the runtime's fetch answers,
// by a script. Everything between the space and that address is the real thing.
import { env } from "cloudflare:workers";
import { onTestFinished, vi } from "vitest";
import { z } from "zod";
import { chunksFor, type ScriptedReply } from "#tests/doubles/openai-replies.ts";

const Body = z.object({
  model: z.string(),
  messages: z.array(z.object({ role: z.string(), content: z.string().nullish() })),
  tools: z.array(z.unknown()).default([]),
  response_format: z.unknown().optional(),
});

/** What a model is asked. */
export interface AskedOfServer {
  readonly kind: "plan" | "closing" | "work";
  /** The last words of the user. */
  readonly words: string;
  readonly messages: readonly { readonly role: string; readonly content?: string | null | undefined }[];
  readonly tools: boolean;
  /** The `Authorization` it came with. */
  readonly authorization: string | null;
}

/** What it says; `hang` never answers. */
export type ServerReply = Extract<ScriptedReply, { kind: "text" | "tools" | "error" | "rubbish" | "hang" }>;

/** Model servers of one test. */
export interface ScriptedServer {
  readonly asked: AskedOfServer[];
  play(script: (asked: AskedOfServer) => ServerReply): void;
}

const HOST = "http://model.test/v1";

const answered = (reply: ServerReply, count: number, signal: AbortSignal | null): Response | Promise<Response> => {
  switch (reply.kind) {
    case "error":
      return Response.json(
        { error: { message: reply.message ?? "scripted", type: "scripted", param: null, code: reply.code ?? null } },
        { status: reply.status },
      );
    case "rubbish":
      return new Response(reply.body ?? "data: {no json\n\n", { headers: { "content-type": "text/event-stream" } });
    case "hang":
      return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
    case "text":
    case "tools": {
      const chunks = chunksFor(reply, { id: `chatcmpl-${count}`, created: 1_767_225_600, model: "stub" });
      const lines = [...chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`), "data: [DONE]\n\n"];
      return new Response(lines.join(""), { headers: { "content-type": "text/event-stream" } });
    }
  }
};

/** Puts the server in place for this test; spaces that begin from now on ask it. */
export const scriptedServer = (settings: Partial<Cloudflare.Env> = {}): ScriptedServer => {
  const asked: AskedOfServer[] = [];
  let script = (_: AskedOfServer): ServerReply => ({ kind: "text", text: "done" });
  const chosen = { OPENAI_BASE_URL: HOST, MODELS: "stub", ...settings };
  const before = Object.fromEntries(Object.keys(chosen).map((name) => [name, Reflect.get(env, name)]));
  Object.assign(env, chosen);
  const spy = vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const url = input instanceof Request ? input.url : input.toString();
    if (!url.startsWith(HOST)) throw new Error(`nothing stands at ${url}`);
    const { messages, tools, response_format } = Body.parse(JSON.parse(String(init?.body)));
    const words = messages.findLast(({ role }) => role === "user")?.content ?? "";
    const kind =
      response_format !== undefined ? "plan" : words.startsWith("The plan is done.") ? "closing" : ("work" as const);
    const authorization = new Headers(init?.headers).get("authorization");
    const question = { kind, words, messages, tools: tools.length > 0, authorization } as const;
    asked.push(question);
    return await answered(script(question), asked.length, init?.signal ?? null);
  });
  onTestFinished(() => {
    spy.mockRestore();
    Object.assign(env, before);
  });
  return {
    asked,
    play: (next) => {
      script = next;
    },
  };
};
