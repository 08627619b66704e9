// Twenty SIGKILLs of the whole server at random moments under load. Nothing acknowledged is lost, nothing happens twice,
// every run goes on and ends, and the log stays whole.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { DeviceRoom } from "#client/device/device-room.ts";
import * as accounts from "#client/sdk/accounts.ts";
import { memoryStore, SignedIn } from "#client/sdk/credentials.ts";
import { Http } from "#client/sdk/http.ts";
import { projectStream, Retinue } from "#client/sdk/retinue.ts";
import { microUp } from "#domain/billing/money.ts";
import type { StoredEvent } from "#schema/api/events.ts";
import { type OpenAiServer, startOpenAiServer } from "#tests/doubles/openai-server.ts";
import { startServer } from "../../scripts/server-process.ts";

const KILLS = 20;
const WORKERS = 6;
const AGENTS = ["CodeAssistant", "DataAnalyst"] as const;

/** The model: writes, reads or talks as the message says; slowly enough to be killed in the middle. */
const playModel = (model: OpenAiServer, asked: Map<string, number[]>): void => {
  model.play(({ body }) => {
    const mark = [...body.messages].reverse().find((message) => message.role === "user")?.content ?? "";
    asked.set(mark, [...(asked.get(mark) ?? []), performance.now()]);
    const done = body.messages.some((message) => message.role === "tool");
    const [verb, name] = mark.split(" ");
    if (!done && verb === "write")
      return {
        kind: "tools",
        firstDelayMs: 40,
        calls: [{ name: "write_file", arguments: { path: `${name}.txt`, content: mark } }],
      };
    if (!done && verb === "read")
      return { kind: "tools", firstDelayMs: 40, calls: [{ name: "read_file", arguments: { path: "known.txt" } }] };
    return { kind: "text", text: `done with ${mark}`, chunks: ["done ", "with ", mark], firstDelayMs: 60, delayMs: 40 };
  });
};

const allEvents = async (user: Retinue, projectId: string): Promise<StoredEvent[]> => {
  const events: StoredEvent[] = [];
  for (;;) {
    const page = await user.events(projectId, { from_seq: events.at(-1)?.seq ?? 0, limit: 100 });
    events.push(...page.items);
    if (page.next_from_seq === null) return events;
  }
};

it("loses, repeats and reorders nothing over twenty kills, and ends every run", { timeout: 420_000 }, async () => {
  const scratch = mkdtempSync(join(tmpdir(), "retinue-kill9-"));
  const folder = join(scratch, "folder");
  mkdirSync(folder);
  writeFileSync(join(folder, "known.txt"), "known\n");
  const asked = new Map<string, number[]>();
  const model = await startOpenAiServer([{ kind: "text", text: "unused" }], { validate: false });
  playModel(model, asked);
  const server = await startServer({
    env: {
      OPENAI_BASE_URL: model.baseUrl,
      OPENAI_API_KEY: "sk-test",
      MODELS: "stub",
      MODEL_PRICES: "stub=1/10",
      RATE_LIMIT_PER_MINUTE: "0",
      AUTH_RATE_LIMIT_PER_MINUTE: "1000",
    },
  });
  const stopping = new AbortController();
  onTestFinished(async () => {
    stopping.abort();
    await server.stop();
    await model.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  const open = new Http({ url: server.url });
  const tokens = await accounts.register(open, "kill9@example.com", "correct horse battery");
  const http = new Http({
    url: server.url,
    credentials: new SignedIn(memoryStore(tokens), (token) => accounts.refresh(open, token)),
  });
  const user = new Retinue({ url: server.url, credentials: http.credentials });
  const profile = await user.me();
  const projectId = profile.default_project_id;

  const device = await DeviceRoom.open({
    http,
    owner: { userId: profile.id, projectId },
    folder,
    home: join(scratch, "home"),
    name: "test",
    readOnly: false,
  });
  const serving = device.run(stopping.signal).catch((error: unknown) => error);

  // A listener from the beginning, over every cut.
  const heard: number[] = [];
  const listening = (async () => {
    for await (const frame of user.live(projectStream(projectId), { fromSeq: 0, signal: stopping.signal })) {
      if (frame.seq !== null) heard.push(frame.seq);
    }
  })().catch((error: unknown) => error);

  const session = await user.createSession(projectId, "load");
  const acknowledged = new Map<string, string>();
  let posting = true;
  const worker = async (index: number): Promise<void> => {
    for (let n = 0; posting; n += 1) {
      const mark = `${["write", "talk", "read"][n % 3]} w${index}n${n}`;
      try {
        const posted = await user.post(session.id, { content: mark, target_agent: AGENTS[index % AGENTS.length] }, 0);
        acknowledged.set(mark, posted.run.id);
        await sleep(250);
      } catch {
        // Not acknowledged: the server was down for longer than the client repeats. Whether it was taken is not promised.
        await sleep(50);
      }
    }
  };
  const approver = (async () => {
    while (!stopping.signal.aborted) {
      try {
        for (const approval of (await user.approvals({ status: "pending", limit: 100 })).items)
          await user.confirm(approval.id).catch(() => undefined);
      } catch {
        // The server is down just now.
      }
      await sleep(100);
    }
  })();
  const workers = Array.from({ length: WORKERS }, (_, index) => worker(index));

  const resumed: number[] = [];
  const restarts: number[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    await sleep(300 + Math.random() * 1_700);
    const killedAt = performance.now();
    await server.kill9();
    const talking = [...asked].filter(([, times]) => killedAt - (times.at(-1) ?? 0) < 150).map(([mark]) => mark);
    restarts.push(await server.restart());
    const upAt = performance.now();
    // What the model was being asked when the server died must be asked again by itself.
    for (const mark of talking) {
      const again = asked.get(mark)?.find((time) => time > killedAt);
      if (again !== undefined) resumed.push(again - upAt);
    }
  }
  await sleep(2_000);
  posting = false;
  await Promise.all(workers);

  const status = async () => (await user.space(projectId)).active_runs;
  await expect.poll(status, { timeout: 60_000, interval: 200 }).toBe(0);
  const events = await allEvents(user, projectId);
  await expect.poll(() => heard.length).toBe(events.length);

  // In order, without a gap; heard exactly once, over every cut.
  expect(events.map((event) => event.seq)).toEqual(events.map((_, i) => i + 1));
  expect(heard).toEqual(events.map((event) => event.seq));
  expect(await user.verify(projectId)).toMatchObject({ valid: true, checked: events.length });

  // Every acknowledged message is there once, and every run has ended once.
  const posted = events.filter((event) => event.type === "message.posted" && event.data?.role === "user");
  const contents = posted.map((event) => String(event.data?.content));
  expect(new Set(contents).size).toBe(contents.length);
  for (const mark of acknowledged.keys()) expect(contents).toContain(mark);
  const begun = new Set(posted.map((event) => event.run_id));
  const ended = events
    .filter((event) => /^run\.(completed|failed|cancelled)$/.test(event.type))
    .map((event) => event.run_id);
  expect(new Set(ended).size).toBe(ended.length);
  expect(new Set(ended)).toEqual(begun);
  const failed = events.filter((event) => event.type === "run.failed").map((event) => event.data?.error);
  if (failed.length > 0) {
    const bad = new Set(events.filter((event) => event.type === "run.failed").map((event) => event.run_id));
    for (const event of events)
      if (bad.has(event.run_id)) console.info(event.at, event.type, JSON.stringify(event.data).slice(0, 300));
  }
  expect(failed).toEqual([]);

  const marks = new Map(posted.map((event) => [event.run_id, String(event.data?.content)]));
  const runMark = (event: StoredEvent): string => marks.get(event.run_id) ?? "";

  // Every write happened once: one staging a call, one call a file, and the file is what was asked.
  const homes = readdirSync(join(scratch, "home", "devices"));
  const journal = homes.flatMap((home) =>
    readFileSync(join(scratch, "home", "devices", home, "journal.jsonl"), "utf8")
      .trim()
      .split("\n"),
  );
  const staged = journal
    .map((line) => JSON.parse(line))
    .filter((line) => line.mark === "staged")
    .map((line) => line.call_id);
  expect(new Set(staged).size).toBe(staged.length);
  const asks = events.filter((event) => event.type === "toolcall.requested" && event.data?.tool === "write_file");
  const outcomes = new Map(
    events
      .filter((event) => /^toolcall\.(succeeded|failed|denied|indeterminate)$/.test(event.type))
      .map((event) => [event.data?.tool_call_id, event.type]),
  );
  // A newer message in the room may have taken the place of an answer; that write was then not made.
  const writes = asks.filter((event) => outcomes.get(event.data?.tool_call_id) === "toolcall.succeeded");
  const denied = asks.filter((event) => outcomes.get(event.data?.tool_call_id) === "toolcall.denied");
  expect(writes.length + denied.length).toBe(asks.length);
  expect([...staged].sort()).toEqual(writes.map((event) => event.data?.tool_call_id).sort());
  const files = readdirSync(folder).filter((name) => name !== "known.txt");
  expect(files.sort()).toEqual(writes.map((event) => `${runMark(event).split(" ")[1]}.txt`).sort());
  for (const event of writes) {
    const mark = runMark(event);
    expect(readFileSync(join(folder, `${mark.split(" ")[1]}.txt`), "utf8")).toBe(mark);
  }

  // Every call that was cut off is told, and nothing is told that the budget does not know of. A kill may swallow a settlement:
  // then the budget knows of more.
  const told = events.reduce((sum, { data }) => sum + microUp(Number(data?.cost_usd ?? 0)), 0);
  const { spent_usd, reserved_usd } = await user.budget();
  expect(told).toBeLessThanOrEqual(microUp(spent_usd + reserved_usd));
  const cutOff = events.filter(
    ({ type, data }) => type === "model.failed" && JSON.stringify(data?.error).includes('"interrupted"'),
  );
  expect(cutOff.length).toBeGreaterThan(0);

  const sorted = [...resumed].sort((a, b) => a - b);
  console.info(
    `kill -9 × ${KILLS}: ${events.length} events, ${begun.size} runs, ${writes.length} writes, ${acknowledged.size} acknowledged messages; ` +
      `restart ${Math.round(Math.min(...restarts))}–${Math.round(Math.max(...restarts))} ms; ` +
      `${cutOff.length} model calls cut off, ${told} µ$ told, ${microUp(spent_usd)} spent and ${microUp(reserved_usd)} held; ` +
      `${resumed.length} interrupted model calls asked again at most ${Math.round(sorted.at(-1) ?? 0)} ms after the server answered`,
  );
  stopping.abort();
  await Promise.all([serving, listening, approver]);
  await device.close();
});
