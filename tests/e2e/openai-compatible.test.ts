// Against an OpenAI-compatible server, chosen by nothing but variables: what is asked follows OpenAI's contract, what is
// answered streams through, every way a provider fails ends clearly, and the key is seen by nobody.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { DeviceRoom } from "#client/device/device-room.ts";
import { projectStream } from "#client/sdk/retinue.ts";
import type { ScriptedReply } from "#tests/doubles/openai-replies.ts";
import {
  type OpenAiServer,
  type RecordedRequest,
  type Script,
  startOpenAiServer,
} from "#tests/doubles/openai-server.ts";
import { type Guest, newGuest } from "#tests/support/guest.ts";
import { Listener } from "../../scripts/demo/listener.ts";
import { wholeLog } from "../../scripts/demo/whole-log.ts";
import { type Server, startServer } from "../../scripts/server-process.ts";

const KEY = "sk-hidden-8f3b2c1d9e7a6f5b";

let model: OpenAiServer;
let server: Server;
let guest: Guest;
let ear: Listener;
let place: string;
let folder: string;
const over = new AbortController();

beforeAll(async () => {
  model = await startOpenAiServer([{ kind: "text", text: "Hello." }]);
  server = await startServer({
    env: {
      OPENAI_BASE_URL: model.baseUrl,
      OPENAI_API_KEY: KEY,
      MODELS: "fast=gpt-4o-mini,smart=gpt-4o",
      MODEL_TIMEOUT_SECONDS: "2",
      // Its requests are counted: what is learned a while later would be more of them.
      MEMORY_LEARN_AFTER_SECONDS: "86400",
      // The same words are said often here, and the server is to hear them each time.
      MODEL_CACHE_TTL_SECONDS: "0",
      RATE_LIMIT_PER_MINUTE: "0",
      SERVER_LOG_LEVEL: "debug",
    },
  });
  place = mkdtempSync(join(tmpdir(), "retinue-openai-"));
  folder = join(place, "folder");
  mkdirSync(folder);
  writeFileSync(join(folder, "known.txt"), "the tide turns at six\n");
  guest = await newGuest(server.url);
  const { api, projectId, userId } = guest;
  ear = new Listener(api.live(projectStream(projectId), { fromSeq: 0, signal: over.signal }));
  const device = await DeviceRoom.open({
    http: api.http,
    owner: { userId, projectId },
    folder,
    home: join(place, "home"),
    name: "test",
    readOnly: false,
  });
  const serving = device.run(over.signal).catch(() => {});
  over.signal.addEventListener("abort", () => void serving.then(() => device.close()));
  await ear.until("the device", ({ event }) => event === "device_connected");
});
afterAll(async () => {
  over.abort();
  await server.stop();
  await model.close();
  rmSync(place, { recursive: true, force: true });
});

/** Says something in a new session; its run goes on. */
const begin = async (content: string): Promise<string> => {
  const session = await guest.api.createSession(guest.projectId, "test");
  return (await guest.api.post(session.id, { content: `@CodeAssistant ${content}` })).run.id;
};

const finish = async (runId: string) => {
  await ear.endOf(runId);
  const run = await guest.api.run(guest.projectId, runId);
  const events = (await wholeLog(guest.api, guest.projectId)).filter((event) => event.run_id === runId);
  const answer = events.find(({ type, data }) => type === "message.posted" && data?.role === "agent")?.data?.content;
  return { run, answer, events, frames: ear.ofRun(runId), types: events.map(({ type }) => type) };
};

const say = async (content: string) => finish(await begin(content));

it("asks what the contract allows, with the key in the header only and the tier's model", async () => {
  const before = model.requests.length;
  model.play([{ kind: "text", text: "Hello there, sailor.", usage: { prompt_tokens: 1200, completion_tokens: 50 } }]);
  const { run, answer } = await say("hello");
  expect(answer).toBe("Hello there, sailor.");
  expect(run.usage).toMatchObject({ model_calls: 1, input_tokens: 1200, output_tokens: 50 });
  // gpt-4o: $2.50 and $10 for a million tokens.
  expect(run.usage.cost_usd).toBeCloseTo((1200 * 2.5 + 50 * 10) / 1_000_000, 9);
  const [request, ...more] = model.requests.slice(before);
  expect(more).toEqual([]);
  expect(request?.path).toBe("/v1/chat/completions");
  expect(request?.headers.authorization).toBe(`Bearer ${KEY}`);
  expect(request?.body).toMatchObject({ model: "gpt-4o", stream: true });
  expect(JSON.stringify(request?.body)).not.toContain(KEY);
  expect(request?.body.messages[0]?.role).toBe("system");
  expect(request?.body.messages.at(-1)).toMatchObject({ role: "user" });
  expect(request?.body.tools?.map((tool) => tool.function.name).sort()).toEqual([
    "list_directory",
    "memory_write",
    "read_file",
    "write_file",
  ]);
  expect(model.violations).toEqual([]);
});

it("streams what has come while the rest has not; what stays away is given up, made void and asked for again", async () => {
  const before = model.requests.length;
  model.play([
    { kind: "stall", text: "Half of a thought" },
    { kind: "text", text: "A whole one." },
  ]);
  const runId = await begin("think");
  await ear.until(
    "words of an answer that is not over",
    ({ event, data }) => event === "message_delta" && data.run_id === runId,
  );
  const { run, answer, frames } = await finish(runId);
  expect(run.status).toBe("completed");
  expect(answer).toBe("A whole one.");
  const heard = frames.filter(({ event }) => /^(message_delta|message_discarded|model_failed)$/.test(event));
  const words = (attempt: number) =>
    heard
      .filter(({ event, data }) => event === "message_delta" && data.attempt === attempt)
      .map(({ data }) => data.text);
  expect(words(1).join("")).toBe("Half of a thought");
  expect(words(2).join("")).toBe("A whole one.");
  const order = heard.map(({ event }) => event).filter((event, at, all) => event !== all[at - 1]);
  expect(order.toSorted()).toEqual(["message_delta", "message_delta", "message_discarded", "model_failed"]);
  expect(order[0]).toBe("message_delta");
  expect(order.at(-1)).toBe("message_delta");
  expect(frames.find(({ event }) => event === "model_failed")?.data).toMatchObject({
    error: { code: "timeout" },
    will_retry: true,
  });
  expect(model.requests[before]?.aborted).toBe(true);
});

it("puts tool calls together from their fragments, runs them, and tells the model what came of them", async () => {
  const before = model.requests.length;
  model.play([
    {
      kind: "tools",
      text: "Let me look.",
      delayMs: 2,
      calls: [
        { id: "call_a", name: "read_file", arguments: { path: "known.txt" } },
        { id: "call_b", name: "list_directory", arguments: { path: "." } },
        { id: "call_c", name: "read_file", arguments: { path: "../../etc/passwd" } },
        { id: "call_d", name: "launch_rocket", arguments: { where: "up" } },
        { id: "call_e", name: "read_file", arguments: '{"path": ' },
      ],
    },
    { kind: "text", text: "It turns at six." },
  ]);
  const { run, answer, types } = await say("when does the tide turn?");
  expect(answer).toBe("It turns at six.");
  expect(run.usage.model_calls).toBe(2);
  expect(types.filter((type) => type === "toolcall.succeeded")).toHaveLength(2);
  expect(types.filter((type) => type === "toolcall.failed" || type === "toolcall.denied")).toHaveLength(3);
  const told = model.requests[before + 1]?.body.messages ?? [];
  const asked = told.find(({ role, tool_calls }) => role === "assistant" && tool_calls !== undefined);
  expect(asked?.tool_calls).toHaveLength(5);
  const results = new Map(told.filter(({ role }) => role === "tool").map((each) => [each.tool_call_id, each.content]));
  expect([...results.keys()]).toEqual(["call_a", "call_b", "call_c", "call_d", "call_e"]);
  expect(results.get("call_a")).toContain("the tide turns at six");
  expect(results.get("call_b")).toContain("known.txt");
  expect(results.get("call_c")).toContain("outside_folder");
  expect(results.get("call_d")).toContain("launch_rocket");
  expect(results.get("call_e")).toMatch(/^Failed/);
  expect(model.violations).toEqual([]);
});

it("writes only after a yes, and tells the model of a no", async () => {
  const before = model.requests.length;
  const write = (path: string) =>
    ({ kind: "tools", calls: [{ name: "write_file", arguments: { path, content: "new\n" } }] }) as const;
  const question = async (runId: string): Promise<string> =>
    String(
      (await ear.until("the question", ({ event, data }) => event === "approval_required" && data.run_id === runId))
        .data.approval_id,
    );
  model.play([write("yes.txt"), { kind: "text", text: "Written." }]);
  const yes = await begin("write it");
  const approval = await question(yes);
  expect(readdirSync(folder)).toEqual(["known.txt"]);
  await guest.api.confirm(approval);
  await finish(yes);
  expect(readFileSync(join(folder, "yes.txt"), "utf8")).toBe("new\n");
  model.play([write("no.txt"), { kind: "text", text: "As you wish." }]);
  const no = await begin("write it");
  await guest.api.reject(await question(no), "not today");
  await finish(no);
  expect(readdirSync(folder).sort()).toEqual(["known.txt", "yes.txt"]);
  const told = model.requests.slice(before).at(-1)?.body.messages.at(-1);
  expect(told).toMatchObject({ role: "tool", content: expect.stringContaining("not today") });
});

it("asks again after a 429, when it was told to", async () => {
  const before = model.requests.length;
  model.play([
    { kind: "error", status: 429, code: "rate_limit_exceeded", headers: { "retry-after": "1" } },
    { kind: "text", text: "Now." },
  ]);
  const { run, answer, events } = await say("hello");
  expect(run.status).toBe("completed");
  expect(answer).toBe("Now.");
  expect(model.requests.length - before).toBe(2);
  const failed = events.find(({ type }) => type === "model.failed");
  expect(failed?.data).toMatchObject({ error: { code: "rate_limited" }, will_retry: true });
  const called = events.find(({ type }) => type === "model.called");
  expect(Date.parse(called?.at ?? "") - Date.parse(failed?.at ?? "")).toBeGreaterThanOrEqual(1_000);
});

const failing = new Map<string, ScriptedReply>();

/** Answers each request by what its message says. */
const bySituation: Script = ({ body }) => {
  const asked = JSON.stringify(body.messages.at(-1));
  const [, reply] = [...failing].find(([situation]) => asked.includes(situation)) ?? [];
  return reply ?? { kind: "error", status: 400, message: `nobody expected ${asked}` };
};

it.concurrent.each([
  [
    "the server breaks three times",
    { kind: "error", status: 500, message: "the engine is on fire" },
    3,
    "server_error",
    "on fire",
  ],
  ["the money has run out", { kind: "error", status: 429, code: "insufficient_quota" }, 1, "rate_limited", "429"],
  [
    "the key is refused, and quoted in the refusal",
    { kind: "error", status: 401, message: `Incorrect API key provided: ${KEY}` },
    1,
    "auth",
    "Incorrect API key",
  ],
  ["there is no answer at all", { kind: "hang" }, 3, "timeout", "longer than"],
  ["the answer is rubbish", { kind: "rubbish" }, 3, "invalid_response", "not JSON"],
  [
    "the answer is a web page",
    { kind: "rubbish", body: "<html>Welcome</html>", contentType: "text/html" },
    3,
    "invalid_response",
    "",
  ],
  ["the stream ends in the middle", { kind: "half", text: "Once upon" }, 3, "invalid_response", ""],
  ["the connection is torn", { kind: "drop", text: "Once upon" }, 3, "connection", ""],
  [
    "the stream turns into an error",
    { kind: "error-in-stream", text: "Once", error: { message: "overloaded", code: "500" } },
    3,
    "server_error",
    "overloaded",
  ],
] as const)("ends the run with a clear reason when %s", async (situation, reply, calls, code, words) => {
  // All side by side.
  model.play(bySituation);
  const mine = ({ body }: RecordedRequest) =>
    body.model === "gpt-4o" && JSON.stringify(body.messages.at(-1)).includes(situation);
  failing.set(situation, reply);
  const { run, answer, events } = await say(situation);
  expect(run.status).toBe("failed");
  expect(answer).toBeUndefined();
  expect(model.requests.filter(mine)).toHaveLength(calls);
  const failures = events.filter(({ type }) => type === "model.failed").map(({ data }) => data);
  expect(failures.map((data) => data?.will_retry)).toEqual([...Array(calls - 1).fill(true), false]);
  expect(failures.at(-1)).toMatchObject({ error: { code, message: expect.stringContaining(words) } });
  expect(run.error?.message).toContain(words);
  // The next one is not burdened by it.
  failing.set(situation, { kind: "text", text: "Well again." });
  expect((await say(situation)).answer).toBe("Well again.");
});

it("stops asking when a run is cancelled, and lets go of the connection", async () => {
  const before = model.requests.length;
  model.play([{ kind: "stall", text: "A very long story" }]);
  const runId = await begin("tell me a story");
  await ear.until("its first words", ({ event, data }) => event === "message_delta" && data.run_id === runId);
  await guest.api.cancel(guest.projectId, runId, "enough");
  const { run } = await finish(runId);
  expect(run.status).toBe("cancelled");
  await expect.poll(() => model.requests[before]?.aborted).toBe(true);
  expect(model.requests.length - before).toBe(1);
});

it("shows the key nowhere: not in an answer, an event, a header or what the server prints", async () => {
  const { api, projectId } = guest;
  const seen = [JSON.stringify(ear.frames), JSON.stringify(await wholeLog(api, projectId)), server.output()];
  for (const path of [
    "/my/agents",
    "/my/chat",
    "/my/approvals",
    "/v1/runs",
    `/my/projects/${projectId}/space`,
    "/my/openapi.json",
  ]) {
    const said = await guest.ask(path);
    expect(said.status, path).toBe(200);
    seen.push(said.text, JSON.stringify([...said.headers]));
  }
  const wrong = await guest.ask("/my/chat", { body: { title: 7 } });
  seen.push(wrong.text);
  for (const text of seen) expect(text).not.toContain(KEY);
});

it("holds the key in one file only, which nobody else can read", async () => {
  const other = await startServer({
    env: { OPENAI_BASE_URL: model.baseUrl, OPENAI_API_KEY: KEY, MODELS: "gpt-4o", SERVER_LOG_LEVEL: "debug" },
  });
  onTestFinished(() => other.stop());
  const somebody = await newGuest(other.url);
  model.play([{ kind: "error", status: 401, message: `Incorrect API key provided: ${KEY}` }]);
  const session = await somebody.api.createSession(somebody.projectId, "test");
  const posted = await somebody.api.post(session.id, { content: "@CodeAssistant hello" }, 20);
  expect(posted.run.status).toBe("failed");
  await other.kill9();
  const holders = readdirSync(other.stateDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(KEY));
  expect(holders).toEqual([join(other.stateDir, "worker.env")]);
  expect(statSync(join(other.stateDir, "worker.env")).mode & 0o077).toBe(0);
});
