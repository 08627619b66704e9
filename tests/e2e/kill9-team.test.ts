// SIGKILLs of the whole server in the middle of plans. Every plan goes on where it was: what is finished is not asked for or
// done again, files are written once, the order of the plan holds, every run ends, and the log makes the rows there are.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { DeviceRoom } from "#client/device/device-room.ts";
import * as accounts from "#client/sdk/accounts.ts";
import { memoryStore, SignedIn } from "#client/sdk/credentials.ts";
import { Http } from "#client/sdk/http.ts";
import { Retinue } from "#client/sdk/retinue.ts";
import type { StoredEvent } from "#schema/api/events.ts";
import { type OpenAiServer, startOpenAiServer } from "#tests/doubles/openai-server.ts";
import { startServer } from "../../scripts/server-process.ts";

const KILLS = 6;
const WORKERS = 3;

/** A request's plan: two writes and a reading side by side, then what needs them, then what needs that. */
const planFor = (mark: string): string => {
  const step = (name: string, agent: string, verb: string, ...depends_on: string[]) => ({
    id: name,
    title: `${verb} ${name}`,
    agent,
    instruction: `${verb} ${mark}${name}`,
    depends_on,
  });
  return JSON.stringify({
    steps: [
      step("a", "CodeAssistant", "write"),
      step("b", "DataAnalyst", "write"),
      step("c", "Architect", "read"),
      step("d", "CodeAssistant", "talk", "a", "b"),
      step("e", "DataAnalyst", "write", "c", "d"),
    ],
  });
};

/** When each thing was asked of the model, by the words it was asked with. */
type Asked = Map<string, number[]>;

const playModel = (model: OpenAiServer, asked: Asked): void => {
  model.play(({ body }) => {
    const words = body.messages.findLast(({ role }) => role === "user")?.content ?? "";
    asked.set(words, [...(asked.get(words) ?? []), Date.now()]);
    const pace = { firstDelayMs: 60, delayMs: 25 };
    if (body.response_format !== undefined)
      return {
        kind: "text",
        text: planFor(words.slice("plan ".length)),
        chunks: [planFor(words.slice("plan ".length))],
        ...pace,
      };
    const done = body.messages.some(({ role }) => role === "tool");
    const [verb, name] = words.split(" ");
    if (verb === "write" && !done)
      return {
        kind: "tools",
        calls: [{ name: "write_file", arguments: { path: `${name}.txt`, content: words } }],
        ...pace,
      };
    if (verb === "read" && !done)
      return { kind: "tools", calls: [{ name: "read_file", arguments: { path: "known.txt" } }], ...pace };
    return {
      kind: "text",
      text: `done with ${words.slice(0, 40)}`,
      chunks: ["done ", "with ", words.slice(0, 40)],
      ...pace,
    };
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

const Created = z.object({
  steps: z.array(z.object({ step_id: z.string(), instruction: z.string(), depends_on: z.array(z.string()) })),
});

/** What went wrong with the plans' steps. */
const brokenSteps = (events: readonly StoredEvent[], asked: Asked): string[] => {
  const broken: string[] = [];
  const needs = new Map<string, z.infer<typeof Created>["steps"][number]>();
  const completed = new Map<string, number>();
  for (const { type, data, at } of events) {
    const id = String(data?.step_id);
    if (type === "plan.created") for (const step of Created.parse(data).steps) needs.set(step.step_id, step);
    if (type === "step.started") {
      if (completed.has(id)) broken.push(`${id} was started again after it was done`);
      for (const on of needs.get(id)?.depends_on ?? [])
        if (!completed.has(on)) broken.push(`${id} began before ${on} was done`);
    }
    if (type === "step.completed") {
      if (completed.has(id)) broken.push(`${id} was done twice`);
      completed.set(id, Date.parse(at));
    }
  }
  for (const [id, { instruction }] of needs) {
    const done = completed.get(id);
    if (done === undefined) broken.push(`${instruction} was never done`);
    // The model and the server go by the same clock.
    else if (asked.get(instruction)?.some((time) => time > done))
      broken.push(`${instruction} was asked for again after it was done`);
  }
  return broken;
};

it("resumes every plan where it was over six kills", { timeout: 240_000 }, async () => {
  const scratch = mkdtempSync(join(tmpdir(), "retinue-kill9-team-"));
  const folder = join(scratch, "folder");
  mkdirSync(folder);
  writeFileSync(join(folder, "known.txt"), "known\n");
  const asked: Asked = new Map();
  const model = await startOpenAiServer([{ kind: "text", text: "unused" }], { validate: false });
  playModel(model, asked);
  const server = await startServer({
    env: {
      OPENAI_BASE_URL: model.baseUrl,
      OPENAI_API_KEY: "sk-test",
      MODELS: "stub",
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
  const tokens = await accounts.register(open, "team@example.com", "correct horse battery");
  const http = new Http({
    url: server.url,
    credentials: new SignedIn(memoryStore(tokens), (token) => accounts.refresh(open, token)),
  });
  const user = new Retinue({ url: server.url, credentials: http.credentials });
  const profile = await user.me();
  const projectId = profile.default_project_id;
  const owner = { userId: profile.id, projectId };
  const device = await DeviceRoom.open({
    http,
    owner,
    folder,
    home: join(scratch, "home"),
    name: "test",
    readOnly: false,
  });
  const serving = device.run(stopping.signal).catch((error: unknown) => error);

  const acknowledged = new Map<string, string>();
  let posting = true;
  const ended = async (runId: string): Promise<boolean> => {
    try {
      return (await user.run(projectId, runId)).ended_at !== null;
    } catch {
      return false;
    }
  };
  // Each asks the team for one thing after the other: the next when the last has ended, for a newer message is a no to a plan.
  const worker = async (index: number): Promise<void> => {
    let session: { readonly id: string } | null = null;
    for (let n = 0; posting; n += 1) {
      try {
        session ??= await user.createSession(projectId, `worker ${index}`);
        const { run } = await user.post(session.id, { content: `plan w${index}n${n}` }, 0);
        acknowledged.set(`plan w${index}n${n}`, run.id);
        while (!(await ended(run.id))) await sleep(100);
      } catch {
        // Not acknowledged: whether it was taken is not promised. If it was, nothing newer overtakes it in its session.
        session = null;
        await sleep(100);
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
      await sleep(60);
    }
  })();
  const workers = Array.from({ length: WORKERS }, (_, index) => worker(index));

  const restarts: number[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    await sleep(400 + Math.random() * 1_600);
    await server.kill9();
    restarts.push(await server.restart());
  }
  posting = false;
  await Promise.all(workers);
  await expect.poll(async () => (await user.space(projectId)).active_runs, { timeout: 60_000, interval: 200 }).toBe(0);

  const events = await allEvents(user, projectId);
  expect(brokenSteps(events, asked)).toEqual([]);
  const endings = events.filter(({ type }) => /^run\.(completed|failed|cancelled)$/.test(type));
  const posted = events.filter(({ type, data }) => type === "message.posted" && data?.role === "user");
  expect(endings.map(({ type, data }) => [type, data?.error])).toEqual(posted.map(() => ["run.completed", undefined]));
  expect(new Set(endings.map(({ run_id }) => run_id))).toEqual(new Set(posted.map(({ run_id }) => run_id)));
  for (const runId of acknowledged.values()) expect(endings.some(({ run_id }) => run_id === runId)).toBe(true);

  // Three writes a plan, each staged once on the device and there with what was asked.
  const homes = join(scratch, "home", "devices");
  const journal = readdirSync(homes).flatMap((home) =>
    readFileSync(join(homes, home, "journal.jsonl"), "utf8")
      .trim()
      .split("\n"),
  );
  const staged = journal.map((line) => JSON.parse(line)).filter(({ mark }) => mark === "staged");
  const writes = events.filter(({ type, data }) => type === "toolcall.requested" && data?.tool === "write_file");
  expect(staged.map(({ call_id }) => call_id).sort()).toEqual(writes.map(({ data }) => data?.tool_call_id).sort());
  expect(writes).toHaveLength(3 * posted.length);
  const files = readdirSync(folder).filter((name) => name !== "known.txt");
  expect(files).toHaveLength(writes.length);
  for (const file of files) expect(readFileSync(join(folder, file), "utf8")).toBe(`write ${file.replace(".txt", "")}`);

  expect(await user.verify(projectId, true)).toMatchObject({
    valid: true,
    checked: events.length,
    read_models: { equal: true, first_difference: null },
  });
  const again = [...asked.values()].reduce((sum, times) => sum + times.length, 0);
  console.info(
    `kill -9 × ${KILLS}: ${posted.length} plans, ${events.length} events, ${writes.length} writes, ${again} model calls; ` +
      `restart ${Math.round(Math.min(...restarts))}–${Math.round(Math.max(...restarts))} ms`,
  );
  stopping.abort();
  await Promise.all([serving, approver]);
  await device.close();
});
