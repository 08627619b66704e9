// The team at the command line, on a real server: a request becomes a plan that is shown with its price, is answered from
// another shell, runs, and is closed with one answer on stdout.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { records, Shell } from "#tests/support/shell.ts";
import { type Server, startServer } from "../../scripts/server-process.ts";

const THREE = "- describe README.md\n- explain src/lamp.ts\n- compare the figures in data.csv";
const PASSWORD = "correct horse battery staple";

let server: Server;
let shell: Shell;
let folder: string;

beforeAll(async () => {
  server = await startServer({
    env: { MODEL_PRICES: "offline=2.5/10", RATE_LIMIT_PER_MINUTE: "0", AUTH_RATE_LIMIT_PER_MINUTE: "1000" },
  });
  shell = new Shell(server.url);
  folder = mkdtempSync(join(tmpdir(), "retinue-team-"));
  mkdirSync(join(folder, "src"));
  writeFileSync(join(folder, "README.md"), "# Lamp\n\nLamp tells keepers when to light the lamp.\n");
  writeFileSync(join(folder, "src/lamp.ts"), "// Lights it.\nexport const light = () => true;\n");
  writeFileSync(join(folder, "data.csv"), "day,minutes\n1,14\n2,16\n");
  await shell.run("register", "team@example.com", "--password", PASSWORD);
  await shell.start("connect", folder).until("the folder", ({ out }) => out.includes("connected"));
});

afterAll(async () => {
  shell?.close();
  await server?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** The approval a waiting chat prints the command for. */
const approvalIn = (err: string): string | undefined => /retinue approve (appr_\w+)/.exec(err)?.[1];

const asked = async (message: string, ...words: string[]) => {
  const chat = shell.start("chat", "-m", message, ...words);
  const { err } = await chat.until("the question", (said) => approvalIn(said.err) !== undefined);
  return { chat, err, id: approvalIn(err) ?? "" };
};

describe("a request to the team", () => {
  it("is shown as a graph with its price, approved elsewhere, followed step by step, and answered once", async () => {
    const { chat, err, id } = await asked(THREE);
    expect(err).toContain("Orchestrator asks to carry out a plan of 3 steps:");
    expect(err).toMatch(/ s3 .*← s1, s2/);
    expect(err).toMatch(/Expected: \$0\.0\d+ to \$\d\.\d+, .* Risk: medium/);
    const listed = await shell.run("approvals");
    expect(listed.out).toContain("carry out a plan of 3 steps");
    expect(listed.out).toContain("Expected: $");
    expect((await shell.run("approve", id)).out).toContain("may carry out a plan of 3 steps");
    const end = await chat.end;
    expect(end.code).toBe(0);
    expect(end.err).toContain('  s1 · read_file "README.md"');
    for (const name of ["s1 Architect", "s2 CodeAssistant", "s3 DataAnalyst"]) {
      expect(end.err).toContain(`▸ ${name}: `);
      expect(end.err).toContain(`✓ ${name} done in `);
    }
    expect(end.err).toMatch(/Took \$0\.0\d+, .* of work; expected \$0\.0/);
    expect(end.out).toContain("Lamp tells keepers when to light the lamp.");
    expect(end.out).not.toContain('"steps"');
    // The answer alone is on stdout, and once.
    expect(end.out.split("Lamp tells keepers")).toHaveLength(2);
  });

  it("is carried out as --yes found it, in frames with --json, and shown afterwards by `retinue run`", async () => {
    const end = await shell.run("chat", "-m", THREE, "--yes", "--json");
    expect(end.code).toBe(0);
    expect(end.err).toContain("approved by --yes: a plan of 3 steps");
    const frames = records(end.out);
    const required = frames.find(({ event }) => event === "approval_required");
    const approved = frames.find(({ event }) => event === "approval_approved");
    expect(approved.data.arguments_hash).toBe(required.data.arguments_hash);
    const { run } = frames.at(-1);
    const shown = await shell.run("run", run.id);
    expect(shown.out).toContain("orchestrated, completed");
    expect(shown.out).toMatch(/✓ s1 .*\(completed, \d+ ms, \$0\.\d+\)/);
    const { plan } = await shell.json("run", run.id);
    expect(plan.steps.map(({ status }: { status: string }) => status)).toEqual(Array(3).fill("completed"));
  });

  it("is changed, sent back with words, and rejected", async () => {
    const first = await asked(THREE);
    const steps = [
      { id: "only", title: "Look", agent: "DataAnalyst", instruction: "describe README.md", depends_on: [] },
    ];
    const wrong = await shell.run("approve", first.id, "--arguments", '{"steps":[{"id":"x"}]}');
    expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining("invalid_request") });
    await shell.run("approve", first.id, "--arguments", JSON.stringify({ steps }));
    const changed = await first.chat.end;
    expect(changed.code).toBe(0);
    expect(changed.err).toContain("The plan was changed:\n  only  DataAnalyst  Look");
    expect(changed.out).toContain("Lamp tells keepers");

    const second = await asked(THREE);
    await shell.run("respond", second.id, "fewer steps please");
    const again = await second.chat.until("the second plan", ({ err }) => err.split("retinue approve ").length > 2);
    expect(again.err).toContain("the planner was told: fewer steps please");
    const last = [...again.err.matchAll(/retinue reject (appr_\w+)/g)].at(-1)?.[1] ?? "";
    await shell.run("reject", last, "--reason", "not today");
    expect(await second.chat.end).toMatchObject({
      code: 1,
      out: "",
      err: expect.stringContaining("The run did not complete: not today (cancelled)"),
    });
  });

  it("writes a file through the device from a step, asked for under that step", async () => {
    const end = await shell.run("chat", "-m", 'Explain src/lamp.ts, then write NOTE.md with "lit"', "--yes");
    expect(end.code).toBe(0);
    expect(end.err).toContain('  s2 · write_file "NOTE.md"');
    expect(end.err).toContain('approved by --yes: write_file "NOTE.md"');
    expect(readFileSync(join(folder, "NOTE.md"), "utf8")).toBe("lit");
  });

  it("goes on without its terminal, and is taken up again where it stands", async () => {
    const { chat, id } = await asked(THREE);
    const { run_id } = await shell.json("approvals").then(({ items }) => items[0]);
    chat.signal("SIGKILL");
    await chat.end;
    const following = shell.start("run", run_id, "--follow");
    const { err } = await following.until("the open question", (said) => approvalIn(said.err) === id);
    expect(err).not.toContain("planning");
    await shell.run("approve", id);
    const end = await following.end;
    expect(end.code).toBe(0);
    expect(end.err).toContain("✓ s3 DataAnalyst done in ");
    expect(end.out.split("Lamp tells keepers")).toHaveLength(2);
    expect((await shell.run("run", run_id, "--follow")).out).toContain("orchestrated, completed");
  });

  it("is cancelled by Ctrl-C while its plan waits", async () => {
    const { chat } = await asked(THREE);
    chat.signal("SIGINT");
    const end = await chat.end;
    expect(end).toMatchObject({ code: 1, err: expect.stringContaining("(cancelled)") });
    expect((await shell.json("approvals")).items).toEqual([]);
  });
});

it("plans without running, and obeys the project's own rules", async () => {
  const plan = await shell.json("plan", "-m", THREE);
  expect(plan).toMatchObject({ layers: [["s1", "s2"], ["s3"]], needs_approval: true });
  expect((await shell.run("plan", "describe README.md, then explain src/lamp.ts")).out).toMatch(
    /s1 .*\n {2}↓\n {2}s2 [\s\S]*Expected: [\s\S]*It would run without asking/,
  );
  const shown = await shell.run("orchestrator", "--always-ask", "yes", "--max-cost", "0.5", "--monthly", "none");
  expect(shown.out).toMatch(/asks before every plan +yes/);
  expect(await shell.json("orchestrator")).toMatchObject({
    version: 1,
    approval: { always: true, over_steps: 2 },
    limits: { max_cost_usd: 0.5, monthly_budget_usd: null },
  });
  expect((await shell.json("plan", "hello")).needs_approval).toBe(true);
  expect((await shell.run("orchestrator", "--max-parallel", "9")).code).toBe(1);
  expect((await shell.run("orchestrator", "--max-parallel", "many")).code).toBe(2);
});

it("stops before the first model call when the month's budget cannot hold it", async () => {
  await shell.run("orchestrator", "--always-ask", "no");
  await shell.run("budget", "--monthly", "0.000001");
  const end = await shell.run("chat", "-m", "describe README.md");
  expect(end).toMatchObject({ code: 1, out: "", err: expect.stringContaining("(budget_exhausted)") });
  const plan = await shell.run("plan", "describe README.md");
  expect(plan).toMatchObject({ code: 1, err: expect.stringContaining("[budget_exhausted]") });
});
