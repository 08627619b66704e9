// A stand-in for an OpenAI-compatible server that takes a known time: it thinks, then streams a fixed reply. It measures
// how long each of its own answers took, so that a bench can subtract exactly that. Runs as a process of its own.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { serveOn } from "./child.ts";

/** What the stub does before it begins to answer, ms, and how many tokens it answers with. */
export const THINK_MS = 20;
const TOKENS = 20;

/** A request is recognised by the last `[[id]]` in it; `GET /times` gives each id's milliseconds and forgets them. */
const times: Record<string, number> = {};

const chunk = (delta: Record<string, string>, finish: string | null, usage: unknown) =>
  `data: ${JSON.stringify({
    id: "chatcmpl-stub",
    object: "chat.completion.chunk",
    created: 1_795_000_000,
    model: "stub",
    choices: usage === undefined ? [{ index: 0, delta, logprobs: null, finish_reason: finish }] : [],
    ...(usage === undefined ? {} : { usage }),
  })}\n\n`;

const PIECES = [
  chunk({ role: "assistant", content: "" }, null, undefined),
  ...Array.from({ length: TOKENS }, (_, index) => chunk({ content: `word${index} ` }, null, undefined)),
  chunk({}, "stop", undefined),
  chunk({}, null, { prompt_tokens: 50, completion_tokens: TOKENS, total_tokens: 50 + TOKENS }),
  "data: [DONE]\n\n",
];

async function complete(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const began = performance.now();
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  const id = [
    ...Buffer.concat(parts)
      .toString("utf8")
      .matchAll(/\[\[([\w-]+)\]\]/g),
  ].at(-1)?.[1];
  await sleep(THINK_MS);
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  for (const piece of PIECES) response.write(piece);
  response.end(() => {
    if (id !== undefined) times[id] = performance.now() - began;
  });
}

function report(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(times));
  for (const id of Object.keys(times)) delete times[id];
}

serveOn(
  createServer((request, response) => {
    if (request.url === "/times") report(response);
    else if (request.method === "POST" && request.url?.endsWith("/chat/completions")) void complete(request, response);
    else response.writeHead(404).end();
  }),
);
