// A key and a passphrase of the caller's own, in success and in every way to fail, a SIGKILL in the middle among them: they
// reach the model server, and are found nowhere else, however they might be written.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { projectStream } from "#client/sdk/retinue.ts";
import type { ScriptedReply } from "#tests/doubles/openai-replies.ts";
import { type RecordedRequest, startOpenAiServer } from "#tests/doubles/openai-server.ts";
import { newGuest } from "#tests/support/guest.ts";
import { Listener } from "../../scripts/demo/listener.ts";
import { startServer } from "../../scripts/server-process.ts";

const HOUSE_KEY = "sk-house-51f0c2b7a9d84e63";
const CANARY = "sk-canary+7Qx/ZkP9=wTb_4uNf-8Lm2Yd6Hs";
const PASSPHRASE = "purple canary/7 sings=at+noon";

const wordsOf = ({ body }: RecordedRequest): string =>
  body.messages.findLast(({ role }) => role === "user")?.content ?? "";

/** The server repeats the key wherever a careless one would. */
const careless = (request: RecordedRequest): ScriptedReply => {
  const key = String(request.headers.authorization).replace(/^Bearer /, "");
  const said = `Incorrect API key provided: ${key}. (Authorization: Bearer ${key})`;
  if (request.body.response_format !== undefined) return { kind: "error", status: 401, message: said };
  switch (/\b(well|refused|limited|broken|torn|half|inside|rubbish|silent|killed)\b/.exec(wordsOf(request))?.[1]) {
    case "refused":
      return { kind: "error", status: 401, message: said };
    case "limited":
      return { kind: "error", status: 429, message: said };
    case "broken":
      return { kind: "error", status: 500, message: said };
    case "torn":
      return { kind: "drop", text: "and then " };
    case "half":
      return { kind: "half", text: "and then " };
    case "inside":
      return {
        kind: "error-in-stream",
        text: "and ",
        error: { message: said, code: "server_error", authorization: key },
      };
    case "rubbish":
      return { kind: "rubbish", body: `data: {no json, but ${key}\n\n` };
    case "silent":
      return { kind: "hang" };
    case "killed":
      return { kind: "text", text: "far too slow", firstDelayMs: 60_000 };
    default:
      return { kind: "text", text: "All went well." };
  }
};

/** The ways a secret may be written down. Base64 of a longer text holds it at one of three offsets. */
const writings = (secret: string): [string, Buffer][] => {
  const bytes = Buffer.from(secret);
  const inBase64 = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    // The characters that its neighbours have a part in say nothing.
    return text.slice(offset === 0 ? 0 : offset + 1, bytes.length % 3 === 0 && offset === 0 ? undefined : -2);
  });
  return [
    ["plain", bytes],
    ["UTF-16", Buffer.from(secret, "utf16le")],
    ["hex", Buffer.from(bytes.toString("hex"))],
    ["HEX", Buffer.from(bytes.toString("hex").toUpperCase())],
    ["percent-encoded", Buffer.from(encodeURIComponent(secret))],
    ["form-encoded", Buffer.from(new URLSearchParams({ s: secret }).toString().slice(2))],
    ["JSON", Buffer.from(JSON.stringify(secret).slice(1, -1))],
    ...inBase64.map((text, offset): [string, Buffer] => [`base64 at ${offset}`, Buffer.from(text)]),
    ...inBase64.map((text, offset): [string, Buffer] => [
      `base64url at ${offset}`,
      Buffer.from(text.replaceAll("+", "-").replaceAll("/", "_")),
    ]),
  ];
};
const WRITINGS = [CANARY, PASSPHRASE].flatMap(writings);

const found = (place: string, content: Buffer | string): string[] => {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  return WRITINGS.filter(([, written]) => bytes.includes(written)).map(([how]) => `${place}: ${how}`);
};

const filesUnder = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

it("a key of one's own is found nowhere, whatever happens to its run", { timeout: 90_000 }, async () => {
  const model = await startOpenAiServer((request) => careless(request), { validate: false });
  const server = await startServer({
    env: {
      OPENAI_BASE_URL: model.baseUrl,
      OPENAI_API_KEY: HOUSE_KEY,
      MODEL_PROVIDERS: "gone=http://127.0.0.1:1/v1",
      MODELS: "stub",
      MODEL_TIMEOUT_SECONDS: "1",
      RATE_LIMIT_PER_MINUTE: "0",
      SERVER_LOG_LEVEL: "debug",
    },
  });
  const over = new AbortController();
  onTestFinished(async () => {
    over.abort();
    await server.stop();
    await model.close();
  });
  const guest = await newGuest(server.url);
  const seen: [string, string][] = [];
  const ear = new Listener(guest.api.live(projectStream(guest.projectId), { fromSeq: 0, signal: over.signal }));
  const headers = { "x-model-api-key": CANARY, "x-memory-passphrase": PASSPHRASE };
  const ask = async (path: string, asking: Parameters<typeof guest.ask>[1] = {}) => {
    const said = await guest.ask(path, asking);
    seen.push([path, said.text], [`${path}, headers`, JSON.stringify([...said.headers])]);
    return said;
  };
  const gone = await ask("/my/agents", {
    body: { name: "Gone", system_prompt: "You help.", model: { tier: "smart", model: "gone/stub" } },
  });
  expect(gone.status).toBe(201);

  const say = async (content: string, more: Record<string, string> = {}) => {
    const session = (await ask("/my/chat", { body: {} })).json.id;
    const body = { content, metadata: { about: "a test" } };
    const said = await ask(`/my/chat/${session}/message`, {
      body,
      headers: { ...headers, prefer: "wait=20", "idempotency-key": `key-${content.replaceAll(/\W/g, "-")}`, ...more },
    });
    return { session, run: said.json.run, status: said.status };
  };

  const ways = ["well", "refused", "limited", "broken", "torn", "half", "inside", "rubbish", "silent"];
  const outcomes = await Promise.all([
    ...ways.map(async (way) => [way, (await say(`@CodeAssistant go ${way}`)).run] as const),
    say("@Gone go away", { "x-model-provider": "gone" }).then(({ run }) => ["gone", run] as const),
    ask(`/my/projects/${guest.projectId}/orchestrator/plan`, { body: { content: "two things" }, headers }).then(
      ({ json }) => ["plan", { status: json.code, error: null }] as const,
    ),
  ]);
  const ends = Object.fromEntries(outcomes.map(([way, run]) => [way, run.error?.code ?? run.status]));
  expect(ends).toEqual({
    well: "completed",
    refused: "model_auth",
    limited: "model_rate_limited",
    broken: "model_server_error",
    torn: "model_connection",
    half: "model_invalid_response",
    inside: "model_server_error",
    rubbish: "model_invalid_response",
    silent: "model_timeout",
    gone: "model_connection",
    plan: "model_unavailable",
  });

  // Killed while its model is being asked: the key is gone with the process, and nobody asks without it.
  const killed = await say("@CodeAssistant be killed", { prefer: "wait=0" });
  await expect.poll(() => model.requests.filter((request) => wordsOf(request).includes("killed")).length).toBe(1);
  await server.kill9();
  const afterKill = filesUnder(server.stateDir).flatMap((path) => found(path, readFileSync(path)));
  await server.restart();
  const end = async () => (await ask(`/v1/runs/${killed.run.id}`)).json.error?.code;
  await expect.poll(end).toBe("own_key_lost");

  const asked = model.requests.filter(({ path }) => path.endsWith("/chat/completions"));
  expect(new Set(asked.map((request) => request.headers.authorization))).toEqual(new Set([`Bearer ${CANARY}`]));
  for (const request of asked) expect(found("the body", JSON.stringify(request.body))).toEqual([]);

  for (const path of ["/v1/events?limit=100", "/v1/runs", "/my/usage", "/my/chat", "/my/openapi.json", "/api/stats"])
    await ask(path);
  for (const { seq } of (await guest.ask("/v1/events?limit=100")).json.items.slice(0, 3))
    await ask(`/v1/events?from_seq=${seq}`);
  const places: [string, Buffer | string][] = [
    ...filesUnder(server.stateDir).map((path): [string, Buffer] => [path, readFileSync(path)]),
    ["what the server said", server.output()],
    ["the stream", JSON.stringify(ear.frames)],
    ...seen,
  ];
  expect(places.length).toBeGreaterThan(60);
  expect([...afterKill, ...places.flatMap(([place, content]) => found(place, content))]).toEqual([]);
  // The scan would have found it: what was said beside it is there, in the databases too.
  expect(places.some(([place, content]) => /\.sqlite/.test(place) && content.includes("go refused"))).toBe(true);
});
