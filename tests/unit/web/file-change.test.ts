// A write shown as what it changes: what it is compared with, and how the difference is told.
import { describe, expect, it } from "vitest";
import type { StoredEvent } from "#schema/api/events.ts";
import { diffOf, endNote } from "#web/approval/diff-hunks.ts";
import { argumentsIn, editedOf } from "#web/approval/edited.ts";
import { lastKnown, plainPath } from "#web/approval/last-known.ts";
import { nextPlace } from "#web/ui/next-row.ts";

let seq = 0;
const event = (type: string, data: Record<string, unknown>): StoredEvent => {
  seq += 1;
  return {
    seq,
    event_id: `00000000-0000-8000-8000-${String(seq).padStart(12, "0")}`,
    type,
    version: 1,
    at: `2026-11-21T08:00:${String(seq % 60).padStart(2, "0")}.000Z`,
    principal: "agent:a",
    on_behalf_of: null,
    zone: "supervised",
    stream_type: "run",
    stream_id: "run_1",
    stream_seq: seq,
    room_id: null,
    run_id: null,
    correlation_id: null,
    causation_id: null,
    idempotency_key: null,
    data,
    data_hash: "",
    prev_hash: "",
    hash: "",
  };
};
const call = (id: string, tool: string, args: Record<string, unknown>) =>
  event("toolcall.requested", { tool_call_id: id, tool, arguments: args });
const done = (id: string, result: string, more: Record<string, unknown> = {}) =>
  event("toolcall.succeeded", { tool_call_id: id, result, truncated: false, artifact_id: null, ...more });

it("a file is known as it was read last", () => {
  const events = [
    call("1", "read_file", { path: "./a//b.md" }),
    done("1", "one"),
    call("2", "read_file", { path: "c" }),
  ];
  expect(lastKnown("a/b.md", events)).toMatchObject({ how: "read", content: { text: "one" } });
  expect(lastKnown("c", events)).toBeNull();
});

it("a write that was done counts as what is in the file, one that was refused does not", () => {
  const read = [call("1", "read_file", { path: "a" }), done("1", "old")];
  const asked = call("2", "write_file", { path: "a", content: "new" });
  expect(lastKnown("a", [...read, asked])).toMatchObject({ content: { text: "old" } });
  expect(lastKnown("a", [...read, asked, done("2", "ok")])).toMatchObject({ how: "written", content: { text: "new" } });
});

it("a write that a person changed is known as they changed it, whatever the order the events come in", () => {
  const events = [
    call("1", "write_file", { path: "a", content: "theirs" }),
    event("toolcall.edited", { tool_call_id: "1", arguments: { path: "a", content: "mine" } }),
    done("1", "ok"),
  ];
  expect(lastKnown("a", events.toReversed())).toMatchObject({ content: { text: "mine" } });
});

it("half of a file is nothing to compare with; the whole of a large one is its artifact", () => {
  const read = call("1", "read_file", { path: "a" });
  expect(lastKnown("a", [read, done("1", "hal", { truncated: true })])).toBeNull();
  expect(lastKnown("a", [read, done("1", "hal", { truncated: true, artifact_id: "art" })])).toMatchObject({
    content: { artifactId: "art" },
  });
});

it("events whose words were taken out of the log are passed over", () => {
  expect(lastKnown("a", [{ ...call("1", "read_file", { path: "a" }), data: null }, done("1", "x")])).toBeNull();
});

it("paths are compared without what makes no difference", () => {
  expect(plainPath(".\\docs//./a.md/")).toBe("docs/a.md");
  expect(plainPath("../a")).toBe("../a");
});

it("a difference is told line by line, with the numbers of both sides", () => {
  const diff = diffOf("a\nb\nc\n", "a\nB\nc\nd\n");
  expect(diff).toMatchObject({ added: 2, removed: 1 });
  expect(diff?.hunks[0]?.changes).toEqual([
    { type: "normal", isNormal: true, oldLineNumber: 1, newLineNumber: 1, content: "a" },
    { type: "delete", isDelete: true, lineNumber: 2, content: "b" },
    { type: "insert", isInsert: true, lineNumber: 2, content: "B" },
    { type: "normal", isNormal: true, oldLineNumber: 3, newLineNumber: 3, content: "c" },
    { type: "insert", isInsert: true, lineNumber: 4, content: "d" },
  ]);
});

it("a file that holds a patch, or turns the text around, is shown as what it is", () => {
  const diff = diffOf("", "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n\u202e\u001b[2J\n");
  expect(diff?.hunks).toHaveLength(1);
  expect(diff?.hunks[0]?.changes.map(({ content }) => content)).toEqual([
    "diff --git a/x b/x",
    "--- a/x",
    "+++ b/x",
    "@@ -1 +1 @@",
    "<U+202E>␛[2J",
  ]);
});

it("what is too large is not compared, and what is the same has no difference", () => {
  expect(diffOf("", "x".repeat(100_000))).toBeNull();
  expect(diffOf("", "x\n".repeat(5_000))).toBeNull();
  expect(diffOf("a\n", "a\n")).toEqual({ hunks: [], added: 0, removed: 0 });
});

it("a line end that comes or goes is said", () => {
  expect(endNote("a\n", "b")).toContain("without a line end");
  expect(endNote("a", "a\n")).toContain("with a line end");
  expect(endNote("a\n", "a\n")).toBeNull();
});

it("keys go from one question to the next and stay at both ends", () => {
  expect(nextPlace(0, -1, 1)).toBeNull();
  expect(nextPlace(3, -1, 1)).toBe(0);
  expect(nextPlace(3, -1, -1)).toBe(2);
  expect(nextPlace(3, 2, 1)).toBe(2);
  expect(nextPlace(3, 0, -1)).toBe(0);
});

describe("other arguments", () => {
  it("are typed as the texts they are, what a file is to hold at the end, and come out as they went in", () => {
    const args = { content: "High water at noon.", path: "NOTES.md" };
    const edited = editedOf(args);
    expect(edited.as === "fields" && edited.fields.map(({ name }) => name)).toEqual(["path", "content"]);
    expect(argumentsIn(edited)).toEqual(args);
  });
  it("are JSON where they are more than texts, and none until it is an object", () => {
    const args = { query: "tides", limit: 3 };
    const edited = editedOf(args);
    expect(edited.as).toBe("json");
    expect(argumentsIn(edited)).toEqual(args);
    expect(["[1]", "{", "null"].map((text) => argumentsIn({ as: "json", text }))).toEqual([null, null, null]);
  });
});
