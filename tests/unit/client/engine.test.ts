// The reference engine over a scripted server: what it says, and above all when it says nothing any more.
import { expect, it } from "vitest";
import { Engine, type EngineNotice, RunFailure, type RunHandler } from "#client/engine/engine.ts";
import { LeaseWatch } from "#client/engine/lease-watch.ts";
import { outputOf, shellCommand } from "#client/engine/shell-command.ts";
import { ApiError, NoAnswer } from "#client/sdk/api-error.ts";
import { EngineCalls } from "#client/sdk/engine-calls.ts";
import { Http } from "#client/sdk/http.ts";
import type { Run } from "#schema/api/runs.ts";
import { REFUSALS } from "#schema/errors.ts";

const run: Run = {
  id: "run_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" as Run["id"],
  project_id: "proj_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" as Run["project_id"],
  session_id: "room_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" as Run["session_id"],
  mode: "external",
  status: "queued",
  agent: null,
  input_message_id: null,
  output_message_id: null,
  error: null,
  usage: { model_calls: 0, input_tokens: 0, output_tokens: 0, cost_usd: 0 },
  created_at: "2026-11-21T08:00:00.000Z",
  ended_at: null,
  duration_ms: null,
  title: "Build",
  input: { word: "hello" },
  output: null,
  engine: "e",
  claims: 1,
};
const lease = { runId: run.id, token: "rtl_x", fence: 1 };

const refusal = (code: "stale_lease") =>
  new ApiError({ type: "", title: REFUSALS[code].title, status: REFUSALS[code].status, code, request_id: "" });

/** A server that hands out one run and writes down what it is told. */
class Script extends EngineCalls {
  readonly said: string[] = [];
  #left = 1;
  refuseHeartbeats = false;
  awayFor = 0;

  constructor() {
    super(new Http({ url: "http://127.0.0.1:9" }));
  }
  override async claim() {
    if (this.#left === 0) return { run: null, lease: null };
    this.#left -= 1;
    return { run, lease: { token: lease.token, fence: 1, expires_at: run.created_at } };
  }
  override async heartbeat() {
    this.said.push("heartbeat");
    if (this.refuseHeartbeats) throw refusal("stale_lease");
    return { fence: 1, expires_at: run.created_at, run_status: "running" };
  }
  #heard(what: string): Run {
    if (this.awayFor > 0) {
      this.awayFor -= 1;
      throw new NoAnswer("away", { cause: new Error("ECONNREFUSED") });
    }
    this.said.push(what);
    return run;
  }
  override async complete(_: typeof lease, outcome: { output?: Record<string, unknown> | undefined }) {
    return this.#heard(`complete ${JSON.stringify(outcome.output)}`);
  }
  override async fail(_: typeof lease, { error, retry }: { error: { code: string }; retry?: boolean | undefined }) {
    return this.#heard(`fail ${error.code}${retry ? " retry" : ""}`);
  }
  override async release() {
    return this.#heard("release");
  }
}

const play = async (script: Script, handler: RunHandler, stop = new AbortController().signal) => {
  const notices: EngineNotice[] = [];
  await new Engine({
    calls: script,
    projectId: run.project_id,
    name: "e",
    // The contract's least is 5 s; the engine itself has no opinion.
    ttlSeconds: 0.3,
    handler,
    once: true,
    notice: (notice) => void notices.push(notice),
  }).run(stop);
  return notices.map(({ kind }) => kind);
};

const until = (signal: AbortSignal): Promise<void> =>
  new Promise((done) => signal.addEventListener("abort", () => done(), { once: true }));

it("completes what its handler made, and fails what it could not do", async () => {
  const done = new Script();
  expect(await play(done, async ({ input }) => ({ output: { got: input } }))).toEqual(["claimed", "completed"]);
  expect(done.said).toEqual([`complete ${JSON.stringify({ got: { word: "hello" } })}`]);
  const failed = new Script();
  const fails = play(failed, () => Promise.reject(new RunFailure("no_disk", "full", true)));
  expect(await fails).toEqual(["claimed", "failed"]);
  expect(failed.said).toEqual(["fail no_disk retry"]);
});

it("says nothing any more once a heartbeat was refused, whatever its handler made meanwhile", async () => {
  const script = new Script();
  script.refuseHeartbeats = true;
  const kinds = await play(script, async (_run, _lease, signal) => {
    await until(signal);
    return { output: { late: true } };
  });
  expect(kinds).toEqual(["claimed", "lost"]);
  expect(script.said).toEqual(["heartbeat"]);
});

it("gives back what it holds when it is told to stop", async () => {
  const script = new Script();
  const stop = new AbortController();
  const made = async () => {
    stop.abort();
    return { output: { unwanted: true } };
  };
  const kinds = await play(script, made, stop.signal);
  expect(kinds).toEqual(["claimed", "released"]);
  expect(script.said).toEqual(["release"]);
});

it("says it again when the server is away for a moment", async () => {
  const script = new Script();
  script.awayFor = 1;
  expect(await play(script, async () => ({}))).toEqual(["claimed", "completed"]);
});

it("counts a lease from when it was asked for: a process that was stopped finds it over", async () => {
  let now = 0;
  const calls = { heartbeat: async () => ({ fence: 1, expires_at: "", run_status: "running" }) };
  const watch = new LeaseWatch(calls, lease, 60_000, 0, () => now);
  now = 59_999;
  expect(watch.held()).toBe(true);
  now = 60_000;
  expect(watch.held()).toBe(false);
  expect(watch.lost.aborted).toBe(true);
});

it("runs a shell command on the run's input, and takes a failure for one", async () => {
  const quiet = new AbortController().signal;
  expect(await shellCommand("cat")(run, lease, quiet)).toEqual({ output: { word: "hello" } });
  expect(await shellCommand("echo $RETINUE_RUN_TITLE")(run, lease, quiet)).toEqual({ output: { text: "Build\n" } });
  await expect(shellCommand("echo oh >&2; exit 3")(run, lease, quiet)).rejects.toMatchObject({
    code: "command_failed",
    message: "ended with 3: oh",
  });
  expect(outputOf("[1]")).toEqual({ text: "[1]" });
});

it("ends a shell command with everything it started when nobody wants its outcome any more", async () => {
  const stop = new AbortController();
  const running = shellCommand("sleep 60 & sleep 60")(run, lease, stop.signal);
  stop.abort();
  await expect(running).rejects.toMatchObject({ code: "stopped" });
});
