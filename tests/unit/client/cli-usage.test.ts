// `retinue usage` as people and scripts use it, in a real process, against a scripted server.
import { describe, expect, it } from "vitest";
import type { UsageReport } from "#schema/api/usage.ts";
import { makeHome, runCli } from "./run-cli.ts";
import { scriptedServer } from "./scripted-server.ts";

const PROJECT = "proj_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3";
const sum = { calls: 3, input_tokens: 1200, output_tokens: 34, cost_usd: 0.01234, unpriced_calls: 0 };
const report: UsageReport = {
  from: "2026-10-23",
  to: "2026-11-21",
  group: "day",
  total: { ...sum, calls: 4, unpriced_calls: 1 },
  items: [
    { day: "2026-11-21", agent: null, model: null, ...sum },
    { day: null, agent: { id: "agt_x", name: "Critic\u001b[31m" }, model: null, ...sum, calls: 1, unpriced_calls: 1 },
  ],
};

const against = async (answer: UsageReport) => {
  const server = await scriptedServer({ http: () => ({ body: answer }) });
  const env = { RETINUE_URL: server.url, RETINUE_TOKEN: "rtk_test", RETINUE_HOME: await makeHome() };
  return { server, run: (...words: string[]) => runCli(["usage", ...words], env) };
};

describe("retinue usage", () => {
  it("shows what each day took and the total, and what has no known price", async () => {
    const { run, server } = await against(report);
    const { code, out } = await run("--days", "7", "--by", "agent", "--project", PROJECT);
    expect(code).toBe(0);
    expect(out).toMatch(/2026-11-21 +3 +1200 +34 +\$0\.0123/);
    expect(out).toMatch(/total +4 +1200 +34 +\$0\.0123 \+ 1 unpriced/);
    expect(out).not.toContain("\u001b");
    const asked = server.seen.at(-1);
    expect(Object.fromEntries(asked?.query ?? [])).toEqual({ days: "7", group: "agent", project_id: PROJECT });
  });

  it("asks for thirty days of all projects by day, and says so when there was nothing", async () => {
    const { run, server } = await against({ ...report, items: [] });
    expect((await run()).out).toContain("No model was called from 2026-10-23 to 2026-11-21.");
    expect(Object.fromEntries(server.seen.at(-1)?.query ?? [])).toEqual({ days: "30", group: "day" });
  });

  it("prints the report as JSON for programs", async () => {
    const { run } = await against(report);
    expect(JSON.parse((await run("--json")).out)).toEqual(report);
  });

  it("refuses days and groups there are not, without asking", async () => {
    const { run, server } = await against(report);
    for (const words of [
      ["--days", "0"],
      ["--days", "367"],
      ["--days", "x"],
      ["--by", "hour"],
    ])
      expect((await run(...words)).code, words.join(" ")).toBe(2);
    expect(server.seen).toHaveLength(0);
  });
});
