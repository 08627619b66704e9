// A room's story, told by its events: the same from the log and from the stream, whole or from the middle on.
import { describe, expect, it } from "vitest";
import type { StoredEvent } from "#schema/api/events.ts";
import { fromFrame, fromLog, type RoomEvent } from "#web/pages/chat/room-event.ts";
import { isGoing, NOTHING_YET, type RunStory, type Story } from "#web/pages/chat/story.ts";
import { tellAll } from "#web/pages/chat/tell.ts";
import { hear, SILENCE, settle } from "#web/pages/chat/voices.ts";
import { ESTIMATE } from "./estimate.ts";

const ulid = (n: number) => `01M7ZGKMYW8799YH3JN3CW${String(n).padStart(4, "0")}`;
const RUN = `run_${ulid(1)}`;
const ROOM = `room_${ulid(2)}`;
const THREAD = `th_${ulid(3)}`;
const [ASKED, SAID] = [`msg_${ulid(4)}`, `msg_${ulid(5)}`];
const STEP = `step_${ulid(6)}`;
const CALL = `tc_${ulid(7)}`;
const APPROVAL = `appr_${ulid(8)}`;
const AGENT = { id: `agt_${ulid(9)}`, name: "CodeAssistant", version: 1 };
const AT = "2026-11-21T10:00:00.000Z";

let seq = 0;
const stored = (type: string, data: Record<string, unknown> | null, runId: string | null = RUN): StoredEvent => {
  seq += 1;
  const hash = "0".repeat(64);
  return {
    seq,
    event_id: "00000000-0000-8000-8000-000000000001",
    type,
    version: 1,
    at: AT,
    principal: "system:space",
    on_behalf_of: null,
    zone: "supervised",
    stream_type: "run",
    stream_id: RUN,
    stream_seq: seq,
    room_id: ROOM,
    run_id: runId,
    correlation_id: null,
    causation_id: null,
    idempotency_key: null,
    data,
    data_hash: hash,
    prev_hash: hash,
    hash,
  };
};

const message = (id: string, role: string, content: string) => ({
  message_id: id,
  room_id: ROOM,
  thread_id: THREAD,
  role,
  content,
  agent_id: role === "agent" ? AGENT.id : null,
  agent_name: role === "agent" ? AGENT.name : null,
  target_agent: null,
  run_id: RUN,
});
const began = (mode: "direct" | "orchestrated") => ({
  run_id: RUN,
  mode,
  room_id: ROOM,
  thread_id: THREAD,
  input_message_id: ASKED,
  step_id: STEP,
  agent: AGENT,
  waited_ms: 0,
});
const call = (decision: string) => ({
  tool_call_id: CALL,
  run_id: RUN,
  step_id: STEP,
  iteration: 1,
  provider_call_id: "c1",
  tool: "write_file",
  tool_version: 1,
  arguments: { path: "NOTES.md", content: "hm" },
  arguments_hash: "h",
  decision,
  reason_codes: ["writes_user_files"],
  policy_version: "1",
});
const paid = (cost: number | null, text: string | null) => ({
  run_id: RUN,
  step_id: STEP,
  iteration: 1,
  attempt: 1,
  model: "offline",
  tier: "smart",
  input_tokens: 10,
  output_tokens: 5,
  cost_usd: cost,
  duration_ms: 4,
  finish_reason: "stop",
  text,
});
const question = {
  approval_id: APPROVAL,
  kind: "tool",
  tool_call_id: CALL,
  room_id: ROOM,
  run_id: RUN,
  agent_id: AGENT.id,
  agent_name: AGENT.name,
  tool: "write_file",
  tool_version: 1,
  arguments: { path: "NOTES.md", content: "hm" },
  arguments_hash: "h",
  reason_codes: ["writes_user_files"],
  expires_at: AT,
};

const told = (events: readonly StoredEvent[], story: Story = NOTHING_YET): Story => tellAll(story, events.map(fromLog));
const runOf = (story: Story): RunStory => {
  const run = story.runs[RUN];
  if (run === undefined) throw new Error("the run was not told");
  return run;
};
const frameOf = ({ seq: position, type, run_id, at, data }: StoredEvent) => ({
  seq: position,
  event: type.replaceAll(".", "_"),
  data: { ...data, seq: position, type, at, run_id, room_id: ROOM },
});

const turn = () => [
  stored("room.created", { room_id: ROOM, thread_id: THREAD, title: "Tides" }, null),
  stored("message.posted", message(ASKED, "user", "write it down")),
  stored("run.started", began("direct")),
  stored("model.called", paid(0.01, "I will write it.")),
  stored("toolcall.requested", call("require_approval")),
  stored("approval.requested", question),
  stored("approval.approved", {
    approval_id: APPROVAL,
    by: "user:u",
    note: null,
    arguments: null,
    arguments_hash: "h",
  }),
  stored("toolcall.succeeded", {
    tool_call_id: CALL,
    result: "written",
    bytes: 7,
    truncated: false,
    artifact_id: null,
  }),
  stored("model.called", paid(0.02, null)),
  stored("message.posted", message(SAID, "agent", "I wrote it.")),
  stored("run.completed", { run_id: RUN, step_id: STEP, output_message_id: SAID, duration_ms: 900 }),
];

describe("a direct turn", () => {
  it("is told with its words, its call, its question, its answer and what it took", () => {
    const events = turn();
    const run = runOf(told(events));
    expect(run).toMatchObject({
      status: "completed",
      agent: "CodeAssistant",
      request: { content: "write it down" },
      answer: { content: "I wrote it." },
      took: { modelCalls: 2, inputTokens: 20, outputTokens: 10, durationMs: 900 },
      lastSeq: events.at(-1)?.seq,
    });
    expect(run.took.costUsd).toBeCloseTo(0.03);
    expect(run.steps[0]?.happenings).toEqual([
      { kind: "words", text: "I will write it." },
      { kind: "call", callId: CALL },
    ]);
    expect(run.calls[CALL]).toMatchObject({ status: "succeeded", result: "written" });
    expect(run.questions).toMatchObject([{ id: APPROVAL, status: "approved" }]);
  });

  it("waits exactly while a question is open", () => {
    const events = turn();
    expect(events.map((_, index) => runOf2(told(events.slice(0, index + 1)))?.status)).toEqual([
      undefined,
      "queued",
      "running",
      "running",
      "running",
      "waiting",
      "running",
      "running",
      "running",
      "running",
      "completed",
    ]);
  });

  it("is the same story from the stream as from the log, and no event counts twice", () => {
    const events = turn();
    const whole = told(events);
    const frames = events.map(frameOf).map(fromFrame);
    const live = tellAll(
      told(events.slice(0, 4)),
      frames.filter((event): event is RoomEvent => event !== null),
    );
    expect(live).toEqual(whole);
    expect(told(events, whole)).toEqual(whole);
  });

  it("costs an unknown amount once one call's price is unknown", () => {
    const run = runOf(told([...turn().slice(0, 4), stored("model.called", paid(null, null))]));
    expect(run.took.costUsd).toBeNull();
  });

  it("counts a call that failed and may have been charged, and no other that failed", () => {
    const failed = (cost: { cost_usd?: number }) =>
      stored("model.failed", {
        run_id: RUN,
        step_id: STEP,
        iteration: 1,
        attempt: 1,
        model: "offline",
        error: { code: "interrupted", message: "the server was stopped while it was being asked" },
        will_retry: true,
        ...cost,
      });
    const run = runOf(told([...turn().slice(0, 4), failed({ cost_usd: 0.04 }), failed({})]));
    expect(run.took).toMatchObject({ modelCalls: 2 });
    expect(run.took.costUsd).toBeCloseTo(0.05);
    expect(run.steps[0]?.happenings[1]).toEqual({
      kind: "failed-model",
      message: "the server was stopped while it was being asked",
      willRetry: true,
    });
  });

  it("that is heard of from the middle on is told from there", () => {
    const run = runOf(told(turn().slice(4)));
    expect(run).toMatchObject({ status: "completed", request: null, answer: { content: "I wrote it." } });
    expect(run.calls[CALL]?.status).toBe("succeeded");
  });

  it("says nothing of words that were taken out of the log, but that there were some", () => {
    const [created, asked, ...rest] = turn();
    const gone = asked && { ...asked, data: null };
    const run = runOf(told([created, gone, ...rest].filter((event) => event !== undefined)));
    expect(run.request).toMatchObject({ role: "user", content: null });
    expect(run.answer?.content).toBe("I wrote it.");
  });
});

const runOf2 = (story: Story): RunStory | undefined => story.runs[RUN];

describe("a team's turn", () => {
  const [ONE, TWO] = [`step_${ulid(11)}`, `step_${ulid(12)}`];
  const step = (id: string, name: string, title: string, after: string[]) => ({
    step_id: id,
    name,
    title,
    instruction: title,
    agent: AGENT,
    depends_on: after,
    layer: after.length,
  });
  const plan = (steps: unknown[], version = 1) => ({ run_id: RUN, version, steps, estimate: ESTIMATE });

  it("holds its plan's steps, how each stands, and keeps what an edit keeps of them", () => {
    const start = [
      stored("message.posted", message(ASKED, "user", "do both")),
      stored("run.started", began("orchestrated")),
      stored("plan.created", {
        ...plan([step(ONE, "s1", "Read", []), step(TWO, "s2", "Tell", [ONE])]),
        max_parallel: 3,
        needs_approval: true,
        reason_codes: [],
      }),
    ];
    expect(runOf(told(start)).steps.map(({ title, status }) => [title, status])).toEqual([
      ["Read", "pending"],
      ["Tell", "pending"],
    ]);
    const edited = [
      ...start,
      stored("plan.edited", { ...plan([step(ONE, "s1", "Read twice", [])], 2), by: "user:u" }),
      stored("step.started", {
        run_id: RUN,
        step_id: ONE,
        kind: "agent",
        title: "Read twice",
        agent: AGENT,
        try: 2,
        instruction: null,
        parent_call_id: null,
      }),
      stored("step.failed", {
        run_id: RUN,
        step_id: ONE,
        error: { code: "x", message: "no" },
        will_retry: false,
        duration_ms: 3,
      }),
    ];
    const run = runOf(told(edited));
    expect(run.plan).toMatchObject({ stepIds: [ONE], version: 2 });
    expect(run.steps).toMatchObject([{ title: "Read twice", status: "failed", tries: 2, error: "no" }]);
    expect(isGoing(run)).toBe(true);
  });
});

describe("what is being said", () => {
  const delta = (offset: number, text: string, id = SAID) => ({
    seq: null,
    event: "message_delta",
    data: { type: "message.delta", run_id: RUN, message_id: id, attempt: 1, offset, text },
  });
  const spoken = (voices: ReturnType<typeof hear>) => voices.get(RUN);

  it("grows piece by piece, and a piece that came twice is heard once", () => {
    const voices = [delta(0, "High "), delta(5, "water"), delta(5, "water")].reduce(hear, SILENCE);
    expect(spoken(voices)).toMatchObject({ text: "High water" });
  });

  it("has a mark where some of it was not heard, and goes on after it", () => {
    const holed = [delta(0, "High "), delta(9, "r at"), delta(9, "r at"), delta(13, " noon")].reduce(hear, SILENCE);
    expect(spoken(holed)?.text).toBe("High … r at noon");
    expect(spoken([delta(5, "water"), delta(10, " at")].reduce(hear, SILENCE))?.text).toBe("… water at");
  });

  it("begins anew with another message, and when the same is told anew", () => {
    const before = hear(SILENCE, delta(0, "High "));
    expect(spoken(hear(before, delta(0, "Low", "msg_other")))?.text).toBe("Low");
    expect(spoken(hear(before, delta(0, "Higher")))?.text).toBe("Higher");
  });

  it("is void when the attempt failed, and gone when the words are kept", () => {
    const voices = hear(SILENCE, delta(0, "High"));
    const discarded = {
      seq: null,
      event: "message_discarded",
      data: { type: "message.discarded", run_id: RUN, message_id: SAID },
    };
    expect(spoken(hear(voices, discarded))).toBeUndefined();
    const kept = frameOf(stored("message.posted", message(SAID, "agent", "High water")));
    expect(spoken(settle(voices, "message.posted", kept))).toBeUndefined();
    const ended = frameOf(stored("model.called", paid(0, null)));
    expect(spoken(settle(voices, "model.called", ended))?.text).toBe("High");
  });
});
