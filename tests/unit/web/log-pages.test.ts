// The log in the console: followed without a gap, told in lines, drawn over time, and its chain recomputed as the server does it.
import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { expect, it } from "vitest";
import { chainHash, GENESIS } from "#domain/events/chain.ts";
import type { EventPage, StoredEvent } from "#schema/api/events.ts";
import type { LiveFrame } from "#schema/frames.ts";
import { proveEvent } from "#web/log/chain-proof.ts";
import { entryOf, isMeant, type LogEntry } from "#web/log/log-entry.ts";
import { LogFeed } from "#web/log/log-feed.ts";
import { actorOf, sayEvent, toneOf } from "#web/log/say-event.ts";
import { drawn, spansOf, wholeOf } from "#web/pages/inspector/spans.ts";
import { markRead, readUpTo } from "#web/pages/timeline/read-cursor.ts";
import { isNarrowed, TimelineSearch } from "#web/pages/timeline/timeline-search.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const RUN = "run_01M7ZK67EBG9R2DWQ1XXNVGZVZ";

const stored = (seq: number, type: string, data: Record<string, unknown>, before = GENESIS): StoredEvent => {
  const envelope = {
    seq,
    event_id: `00000000-0000-8000-8000-${String(seq).padStart(12, "0")}`,
    type,
    version: 1,
    at: new Date(1_000_000 + seq * 1_000).toISOString(),
    principal: "agent:agt_1",
    on_behalf_of: null,
    zone: "supervised" as const,
    stream_type: "run",
    stream_id: RUN,
    stream_seq: seq,
    room_id: null,
    run_id: RUN,
    correlation_id: RUN,
    causation_id: null,
    idempotency_key: null,
    data_hash: sha256(canonicalize(data) ?? ""),
  };
  return { ...envelope, data, prev_hash: before, hash: chainHash({ sha256 }, before, envelope) };
};
const frameOf = ({ seq, type, data, at, run_id, principal }: StoredEvent): LiveFrame => ({
  seq,
  event: type,
  data: { ...data, seq, at, type, run_id, room_id: null, principal },
});

it("an event's place in the chain is recomputed as the server computes it", async () => {
  const first = stored(1, "space.initialized", { z: [1, "é\u2028"], a: null });
  const second = stored(2, "run.started", { run_id: RUN }, first.hash);
  expect((await proveEvent(first, null)).map(({ ok }) => ok)).toEqual([true, true, true]);
  expect((await proveEvent(second, first)).map(({ ok }) => ok)).toEqual([true, true, true]);
});

it("an event whose words, envelope or predecessor was changed does not hold", async () => {
  const first = stored(1, "a.b", {});
  const second = stored(2, "message.posted", { content: "yes" }, first.hash);
  const holds = async (event: StoredEvent, before: StoredEvent | null = first) =>
    (await proveEvent(event, before)).map(({ ok }) => ok);
  expect(await holds({ ...second, data: { content: "no" } })).toEqual([false, true, true]);
  expect(await holds({ ...second, principal: "user:eve" })).toEqual([true, false, true]);
  expect(await holds(second, { ...first, hash: sha256("other") })).toEqual([true, true, false]);
});

it("what is not there is not claimed: redacted data, a predecessor nobody has", async () => {
  const second = stored(2, "message.posted", { content: "x" }, sha256("one"));
  expect((await proveEvent({ ...second, data: null }, null)).map(({ ok }) => ok)).toEqual([null, true, null]);
});

const pageOf = (events: readonly StoredEvent[], cursor: string | null = null): EventPage => ({
  items: events.toReversed(),
  next_from_seq: null,
  next_cursor: cursor,
});

it("what happens while the first page is on its way is there once, and nothing is missing", async () => {
  const one = stored(1, "run.started", {});
  const two = stored(2, "run.started", {});
  const three = stored(3, "run.started", {});
  const other = stored(4, "run.started", {});
  const starts: (number | undefined)[] = [];
  const feed = new LogFeed({
    head: async () => 1,
    // The second event came after the head was read and before the page was.
    events: async () => pageOf([one, two]),
    isMeant: ({ seq }) => seq !== 4,
    frames: async function* ({ fromSeq, signal }) {
      starts.push(fromSeq);
      for (const event of [two, three, other]) yield frameOf(event);
      await new Promise((resolve) => signal?.addEventListener("abort", resolve));
    },
    onWake: () => () => {},
    soon: (work) => work(),
  });
  const stop = feed.start();
  await expect.poll(() => feed.view().entries.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect(starts).toEqual([1]);
  stop();
});

it("earlier pages stand before later ones, and words that are taken out of the log go from here too", async () => {
  const [one, two] = [stored(1, "message.posted", { content: "secret" }), stored(2, "run.started", {})];
  const gone = stored(3, "event.redacted", { of: { seq: 1, event_id: one.event_id, type: one.type } });
  let say: (() => void) | undefined;
  const feed = new LogFeed({
    head: async () => 2,
    events: async (cursor) => (cursor === undefined ? pageOf([two], "more") : pageOf([one])),
    isMeant: () => true,
    frames: async function* ({ signal }) {
      await new Promise<void>((resolve) => {
        say = resolve;
      });
      yield frameOf(gone);
      await new Promise((resolve) => signal?.addEventListener("abort", resolve));
    },
    onWake: () => () => {},
    soon: (work) => work(),
  });
  const stop = feed.start();
  await expect.poll(() => feed.view()).toMatchObject({ state: "ready", hasEarlier: true });
  await feed.earlier();
  expect(feed.view()).toMatchObject({
    hasEarlier: false,
    entries: [{ seq: 1, data: { content: "secret" } }, { seq: 2 }],
  });
  await expect.poll(() => say).toBeDefined();
  say?.();
  await expect.poll(() => feed.view().entries.map(({ data }) => data === null)).toEqual([true, false, false]);
  stop();
});

it("a filter means the same for the stream as for the log", () => {
  const entry = entryOf(stored(1, "run.started", {}));
  expect(isMeant({}, entry)).toBe(true);
  expect(isMeant({ run: RUN, type: "run.started", principal: "agent:agt_1", correlation: RUN }, entry)).toBe(true);
  for (const other of [{ run: "x" }, { type: "x" }, { principal: "x" }, { room: "x" }, { correlation: "x" }])
    expect(isMeant(other, entry), JSON.stringify(other)).toBe(false);
});

it("an event is said in a short line in which nothing hides", () => {
  const said = (type: string, data: Record<string, unknown> | null) => sayEvent({ type, data });
  expect(said("toolcall.requested", { tool: "write_file", arguments: { path: "a.md" }, decision: "allow" })).toBe(
    "Write a.md · allow",
  );
  expect(said("message.posted", { content: `a\u202eb\u001b[2J\n${"x".repeat(100_000)}` })).toMatch(
    /^a<U\+202E>b␛\[2J x+…$/,
  );
  expect(said("message.posted", { content: "x".repeat(100_000) }).length).toBeLessThan(300);
  expect(said("run.failed", { error: null })).toBe("");
  const failed = { model: "m", error: { code: "interrupted", message: "the server was stopped" } };
  expect(said("model.failed", failed)).toBe("m · the server was stopped");
  expect(said("model.failed", { ...failed, cost_usd: 0.25 })).toBe("m · the server was stopped · counts $0.25");
  expect(said("something.new", { title: "Of a later version" })).toBe("Of a later version");
  expect(said("message.posted", null)).toContain("taken out");
  expect([toneOf("run.failed"), toneOf("approval.requested"), toneOf("step.completed")]).toEqual([
    "danger",
    "warn",
    "ok",
  ]);
  expect(actorOf("agent:agt_1", new Map([["agt_1", "Ada\u202e"]]))).toBe("Ada<U+202E>");
});

const told = (...events: readonly [string, number, Record<string, unknown>][]): readonly LogEntry[] =>
  events.map(([type, at, data], index) => ({
    seq: index + 1,
    at: new Date(at).toISOString(),
    type,
    principal: "agent:a",
    roomId: null,
    runId: RUN,
    data,
  }));

it("a run is drawn as what it is made of: steps, their tries, calls and questions, each under its own", () => {
  const spans = spansOf(
    RUN,
    told(
      ["run.started", 1_000, { agent: { name: "Lead" }, mode: "orchestrated" }],
      ["step.started", 1_000, { step_id: "s", title: "Read", agent: { name: "Ada" }, try: 1 }],
      ["model.called", 1_400, { step_id: "s", model: "m", duration_ms: 300 }],
      ["step.failed", 1_500, { step_id: "s", will_retry: true }],
      ["step.started", 1_600, { step_id: "s", title: "Read", agent: { name: "Ada" }, try: 2 }],
      ["toolcall.requested", 1_700, { tool_call_id: "t", step_id: "s", tool: "write_file", arguments: { path: "a" } }],
      ["approval.requested", 1_700, { approval_id: "q", tool_call_id: "t", kind: "tool" }],
      ["approval.approved", 1_900, { approval_id: "q" }],
      ["toolcall.succeeded", 1_950, { tool_call_id: "t" }],
      ["step.completed", 2_000, { step_id: "s" }],
      ["run.completed", 2_000, {}],
    ),
  );
  const rows = drawn(spans, 9_999);
  expect(rows.map(({ kind, depth, label, state, from, to }) => [kind, depth, label, state, from, to])).toEqual([
    ["run", 0, "Run · Lead", "good", 0, 1],
    ["step", 1, "Read · Ada", "bad", 0, 0.5],
    ["model", 2, "m", "good", 0.1, 0.4],
    ["step", 1, "Read · Ada (try 2)", "good", 0.6, 1],
    ["call", 2, "Write a", "good", 0.7, 0.95],
    ["question", 3, "Asks a person", "good", 0.7, 0.9],
  ]);
  expect(wholeOf(spans, 9_999)).toBe(1_000);
});

it("what goes on is drawn up to now; what a run left open ended with it", () => {
  const going = told(["run.started", 0, {}], ["toolcall.requested", 500, { tool_call_id: "t", tool: "x" }]);
  expect(drawn(spansOf(RUN, going), 1_000).map(({ to, state }) => [to, state])).toEqual([
    [1, "going"],
    [1, "going"],
  ]);
  const stopped = [...going, ...told(["run.cancelled", 800, {}]).map((entry) => ({ ...entry, seq: 3 }))];
  expect(drawn(spansOf(RUN, stopped), 9_000).map(({ state }) => state)).toEqual(["stopped", "stopped"]);
});

it("a run that nobody heard the beginning of is drawn with what there is", () => {
  const spans = spansOf(RUN, told(["model.called", 1_000, { step_id: "s", model: "m", duration_ms: 100 }]));
  expect(drawn(spans, 0)).toMatchObject([{ kind: "model", depth: 0 }]);
  expect(drawn([], 0)).toEqual([]);
});

it("what was read is remembered per room, never goes back, and nonsense in the storage is a first visit", () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
  expect(readUpTo(storage, "p", undefined)).toBeNull();
  markRead(storage, "p", undefined, 9);
  markRead(storage, "p", undefined, 4);
  expect(readUpTo(storage, "p", undefined)).toBe(9);
  expect(readUpTo(storage, "p", "room")).toBeNull();
  kept.set([...kept.keys()][0] ?? "", "mischief");
  expect(readUpTo(storage, "p", undefined)).toBeNull();
});

it("an address that says nonsense narrows nothing", () => {
  const search = TimelineSearch.parse({ room: 4, type: ["x"], by: "", run: "x".repeat(500) });
  expect(isNarrowed(search)).toBe(false);
  expect(isNarrowed(TimelineSearch.parse({ type: "run.started" }))).toBe(true);
});
