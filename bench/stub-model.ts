// A stand-in for an OpenAI-compatible server that takes a known time: it thinks, then streams a fixed reply, or a plan when
// it is asked for JSON under a schema. It writes down each of its calls, so that a bench can subtract exactly their time
// and knows when they came. Runs as a process of its own.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { serveOn } from "./child.ts";
import { wantsTool, writtenPlan } from "./written-plan.ts";

/** One call. A request is recognised by the last `[[id]]` in it. Times are epoch ms with fractions. */
export interface StubCall {
  readonly id: string;
  readonly kind: "plan" | "text";
  readonly from: number;
  readonly to: number;
}

/** What the stub does before it begins to answer, ms, and how many tokens it answers with. */
const THINK_MS = Number(process.env.STUB_THINK_MS ?? 20);
const TOKENS = 20;
/** A plan is streamed in pieces of so many characters. */
const PIECES = /.{1,200}/gs;

let calls: StubCall[] = [];

const now = () => performance.timeOrigin + performance.now();

const chunk = (delta: Record<string, unknown>, finish: string | null, usage: unknown) =>
  `data: ${JSON.stringify({
    id: "chatcmpl-stub",
    object: "chat.completion.chunk",
    created: 1_795_000_000,
    model: "stub",
    choices: usage === undefined ? [{ index: 0, delta, logprobs: null, finish_reason: finish }] : [],
    ...(usage === undefined ? {} : { usage }),
  })}\n\n`;

const streamed = (texts: readonly string[]) => [
  chunk({ role: "assistant", content: "" }, null, undefined),
  ...texts.map((content) => chunk({ content }, null, undefined)),
  chunk({}, "stop", undefined),
  chunk({}, null, { prompt_tokens: 50, completion_tokens: TOKENS, total_tokens: 50 + TOKENS }),
  "data: [DONE]\n\n",
];

const REPLY = streamed(Array.from({ length: TOKENS }, (_, index) => `word${index} `));

/** A tool no agent has: the answer comes at once, and the step thinks again. */
const CALL = [
  chunk(
    {
      role: "assistant",
      content: "Let me look. ",
      tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name: "look", arguments: "{}" } }],
    },
    null,
    undefined,
  ),
  chunk({}, "tool_calls", undefined),
  chunk({}, null, { prompt_tokens: 50, completion_tokens: TOKENS, total_tokens: 50 + TOKENS }),
  "data: [DONE]\n\n",
];

async function complete(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const from = now();
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  const asked = Buffer.concat(parts).toString("utf8");
  const id = [...asked.matchAll(/\[\[([\w-]+)\]\]/g)].at(-1)?.[1];
  const plan = writtenPlan(asked);
  if (THINK_MS > 0) await sleep(THINK_MS);
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  const pieces = plan === null ? (wantsTool(asked) ? CALL : REPLY) : streamed(plan.match(PIECES) ?? []);
  for (const piece of pieces) response.write(piece);
  response.end(() => {
    if (id !== undefined) calls.push({ id, kind: plan === null ? "text" : "plan", from, to: now() });
  });
}

/** Says what was written down, and forgets it. */
function report(response: ServerResponse, shown: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(shown));
  calls = [];
}

serveOn(
  createServer((request, response) => {
    if (request.url === "/times")
      report(response, Object.fromEntries(calls.map(({ id, from, to }) => [id, to - from])));
    else if (request.url === "/calls") report(response, calls);
    else if (request.method === "POST" && request.url?.endsWith("/chat/completions")) void complete(request, response);
    else response.writeHead(404).end();
  }),
);
