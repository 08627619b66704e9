// What the device refuses whatever the server says, and that each write happens once, over any crash.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { CallExecutor } from "#client/device/call-executor.ts";
import { WriteJournal } from "#client/device/journal.ts";
import { hashCall, sha256 } from "#client/device/judge-call.ts";
import { openFolder } from "#client/device/open-folder.ts";
import { temporaryName } from "#client/device/temporary-name.ts";
import { callId, makeCall, OWNER } from "./calls.ts";
import { makeFolder } from "./make-folder.ts";

const makeDevice = async (options: { readOnly?: boolean; now?: () => number } = {}) => {
  const { base, proj } = await makeFolder();
  const folder = await openFolder(proj);
  onTestFinished(() => folder.close());
  const path = join(base, "journal.jsonl");
  const start = async () => {
    const journal = await WriteJournal.open(path);
    onTestFinished(() => journal.close().catch(() => {}));
    return { journal, executor: new CallExecutor({ folder, journal, owner: OWNER, readOnly: false, ...options }) };
  };
  return { proj, path, start, ...(await start()) };
};
const NOTES = { path: "NOTES.md", content: "approved content" };

describe("what a device refuses", () => {
  const refusals: readonly [string, string, Record<string, unknown>, Record<string, unknown>][] = [
    ["a call for another user", "foreign_call", { path: "README.md" }, { user_id: "usr_01K9Z8Q3T5E6R7Y8V9W0X1Z2ZZ" }],
    [
      "a call for another project",
      "foreign_call",
      { path: "README.md" },
      { project_id: "proj_01K9Z8Q3T5E6R7Y8V9W0X1Z2ZZ" },
    ],
    [
      "arguments other than the hashed ones",
      "hash_mismatch",
      { path: "README.md" },
      { arguments: { path: "src/main.ts" } },
    ],
    ["a hash of nothing", "hash_mismatch", { path: "README.md" }, { arguments_hash: "" }],
    ["another version of a tool", "unknown_tool", { path: "README.md" }, { tool_version: 2 }],
    ["an expired call", "deadline_passed", { path: "README.md" }, { deadline: "2020-01-01T00:00:00.000Z" }],
    ["a deadline that is no time", "deadline_passed", { path: "README.md" }, { deadline: "soon" }],
  ];
  it.each(refusals)("refuses %s", async (_, code, args, change) => {
    const { executor } = await makeDevice();
    expect(await executor.run(makeCall(1, "read_file", args, change))).toMatchObject({ status: "failed", code });
  });

  it("refuses a tool it does not have", async () => {
    const { executor } = await makeDevice();
    expect(await executor.run(makeCall(1, "run_command", { command: "rm" }))).toMatchObject({ code: "unknown_tool" });
  });

  it.each([[{}], [{ path: 7 }], [{ path: "" }], [{ path: "a", mode: "x" }], [{ path: "x".repeat(2_000) }]])(
    "refuses the arguments %j",
    async (args) => {
      const { executor } = await makeDevice();
      expect(await executor.run(makeCall(1, "read_file", args))).toMatchObject({ code: "bad_arguments" });
    },
  );

  it("refuses a write without an approval, and any write when it is read-only", async () => {
    const { executor, proj } = await makeDevice();
    expect(await executor.run(makeCall(1, "write_file", NOTES, { approval_id: null }))).toMatchObject({
      code: "approval_missing",
    });
    const other = await makeDevice({ readOnly: true });
    expect(await other.executor.run(makeCall(1, "write_file", NOTES))).toMatchObject({ code: "read_only" });
    expect(await readdir(proj)).not.toContain("NOTES.md");
    expect(await readdir(other.proj)).not.toContain("NOTES.md");
  });

  it("hashes tool, version and arguments in canonical form", () => {
    expect(hashCall("write_file", 1, { path: "a", content: "b" })).toBe(
      sha256('{"arguments":{"content":"b","path":"a"},"tool":"write_file","tool_version":1}'),
    );
  });
});

describe("carrying out calls", () => {
  it("lists the folder itself when no path is given", async () => {
    const { executor } = await makeDevice();
    const outcome = await executor.run(makeCall(1, "list_directory", {}));
    expect(outcome?.status === "succeeded" && outcome.content).toContain("README.md");
  });

  it("forgets a call that was withdrawn before it began, and carries it out when it is sent anew", async () => {
    const { executor, proj } = await makeDevice();
    const first = executor.run(makeCall(1, "write_file", { path: "one", content: "1" }));
    const second = executor.run(makeCall(2, "write_file", { path: "two", content: "2" }));
    expect(executor.cancel(callId(2))).toBe(true);
    expect(await first).toMatchObject({ status: "succeeded" });
    expect(await second).toBeNull();
    expect(await readdir(proj)).not.toContain("two");
    expect(executor.cancel(callId(1))).toBe(false);
    expect(await executor.run(makeCall(2, "write_file", { path: "two", content: "2" }))).toMatchObject({
      status: "succeeded",
    });
  });

  it("gives a write that is sent many times at once one execution and one outcome", async () => {
    const { executor, path } = await makeDevice();
    const outcomes = await Promise.all([...Array(20).keys()].map(() => executor.run(makeCall(1, "write_file", NOTES))));
    expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(1);
    expect((await readFile(path, "utf8")).match(/"mark":"started"/g)).toHaveLength(1);
  });

  it("refuses a known call id with other arguments", async () => {
    const { executor, proj, start } = await makeDevice();
    await executor.run(makeCall(1, "write_file", NOTES));
    const changed = makeCall(1, "write_file", { ...NOTES, content: "something else" });
    expect(await executor.run(changed)).toMatchObject({ code: "call_conflict" });
    expect(await (await start()).executor.run(changed)).toMatchObject({ code: "call_conflict" });
    expect(await readFile(join(proj, "NOTES.md"), "utf8")).toBe(NOTES.content);
  });
});

describe("a write over crashes", () => {
  it("is not repeated after a restart, even when the file was changed since and the deadline is over", async () => {
    const { executor, journal, proj, start } = await makeDevice();
    const first = await executor.run(makeCall(1, "write_file", NOTES));
    await journal.close();
    await writeFile(join(proj, "NOTES.md"), "the person's own edit");
    const again = await (await start()).executor.run(
      makeCall(1, "write_file", NOTES, { deadline: "2020-01-01T00:00:00.000Z" }),
    );
    expect(again).toEqual(first);
    expect(await readFile(join(proj, "NOTES.md"), "utf8")).toBe("the person's own edit");
  });

  it("is done when it was interrupted before its content was staged", async () => {
    const { journal, proj, start } = await makeDevice();
    const call = makeCall(1, "write_file", NOTES);
    await journal.started(call.call_id, call.arguments_hash, sha256(NOTES.content), call.deadline);
    await writeFile(join(proj, temporaryName(call.call_id)), "half of");
    expect(await (await start()).executor.run(call)).toMatchObject({ status: "succeeded" });
    expect(await readFile(join(proj, "NOTES.md"), "utf8")).toBe(NOTES.content);
    expect(await readdir(proj)).not.toContain(temporaryName(call.call_id));
  });

  it("is done when it was interrupted between staging and renaming", async () => {
    const { journal, proj, start } = await makeDevice();
    const call = makeCall(1, "write_file", NOTES);
    await writeFile(join(proj, "NOTES.md"), "old");
    await journal.started(call.call_id, call.arguments_hash, sha256(NOTES.content), call.deadline);
    await writeFile(join(proj, temporaryName(call.call_id)), NOTES.content);
    await journal.staged(call.call_id);
    expect(await (await start()).executor.run(call)).toMatchObject({ status: "succeeded" });
    expect(await readFile(join(proj, "NOTES.md"), "utf8")).toBe(NOTES.content);
  });

  it("is known to be done when it was interrupted after renaming", async () => {
    const { journal, proj, start } = await makeDevice();
    const call = makeCall(1, "write_file", NOTES);
    await journal.started(call.call_id, call.arguments_hash, sha256(NOTES.content), call.deadline);
    await journal.staged(call.call_id);
    await writeFile(join(proj, "NOTES.md"), NOTES.content);
    const { executor } = await start();
    expect(await executor.run(call)).toMatchObject({
      status: "succeeded",
      content: expect.stringContaining("in place"),
    });
    await writeFile(join(proj, "NOTES.md"), "later edit");
    expect(await executor.run(call)).toMatchObject({ status: "succeeded" });
    expect(await readFile(join(proj, "NOTES.md"), "utf8")).toBe("later edit");
  });

  it("is uncertain, and never written again, when the rename may have happened and the file differs", async () => {
    const { journal, proj, start } = await makeDevice();
    const call = makeCall(1, "write_file", NOTES);
    await journal.started(call.call_id, call.arguments_hash, sha256(NOTES.content), call.deadline);
    await journal.staged(call.call_id);
    await writeFile(join(proj, "NOTES.md"), "the person's own edit");
    const { executor } = await start();
    expect(await executor.run(call)).toMatchObject({ status: "indeterminate" });
    expect(await executor.run(call)).toMatchObject({ status: "indeterminate" });
    expect(await readFile(join(proj, "NOTES.md"), "utf8")).toBe("the person's own edit");
  });
});

describe("the journal", () => {
  it("passes over a line that was being written when the machine stopped", async () => {
    const { executor, journal, path, start } = await makeDevice();
    const call = makeCall(1, "write_file", NOTES);
    await executor.run(call);
    await journal.close();
    await writeFile(path, `${await readFile(path, "utf8")}{"mark":"started","call_id":"tc_0`);
    const next = await start();
    expect(next.journal.find(call.call_id)?.state.mark).toBe("done");
    await next.executor.run(makeCall(2, "write_file", { path: "b", content: "b" }));
    await next.journal.close();
    expect((await start()).journal.find(callId(2))?.state.mark).toBe("done");
  });

  it("refuses to start on a journal that was damaged elsewhere", async () => {
    const { journal, path } = await makeDevice();
    await journal.close();
    await writeFile(path, 'garbage\n{"mark":"staged","call_id":"x"}\n');
    await expect(WriteJournal.open(path)).rejects.toThrow("line 1");
  });

  it("drops finished calls long past their deadline, and keeps unfinished ones", async () => {
    const { journal, path } = await makeDevice();
    const old = "2026-01-01T00:00:00.000Z";
    await journal.started(callId(1), "h", "c", old);
    await journal.done(callId(1), { status: "indeterminate", message: "x" });
    await journal.started(callId(2), "h", "c", old);
    await journal.close();
    const later = await WriteJournal.open(path, Date.parse(old) + 8 * 24 * 3_600_000);
    onTestFinished(() => later.close());
    expect(later.find(callId(1))).toBeUndefined();
    expect(later.find(callId(2))?.state.mark).toBe("started");
  });
});
