// `retinue schedules` as people and scripts use it, in real processes, against a scripted server.
import { describe, expect, it } from "vitest";
import { makeHome, runCli } from "./run-cli.ts";
import { problem, type Seen, scriptedServer } from "./scripted-server.ts";

const ULID = "01K9Z8Q3T5E6R7Y8V9W0X1Z2A3";
const PROJECT = `proj_${ULID}`;
const ID = `sched_${ULID}`;
const AT = "2026-11-21T08:00:00.000Z";
const profile = { id: `usr_${ULID}`, email: "ada@example.com", tier: "free", default_project_id: PROJECT };
const schedule = {
  id: ID,
  project_id: PROJECT,
  name: "Morning",
  cron: "0 9 * * MON-FRI",
  time_zone: "Europe/Berlin",
  agent: { id: `agt_${ULID}`, name: "Architect" },
  message: "What is open?",
  session_id: null,
  enabled: true,
  version: 1,
  next_run_at: "2026-11-23T08:00:00.000Z",
  last_run_at: AT,
  last_run_id: `run_${ULID}`,
  last_status: "completed",
  last_error: null,
  missed: 2,
  created_at: AT,
  updated_at: AT,
};

const against = async (answer: (seen: Seen) => unknown) => {
  const server = await scriptedServer({
    http: (seen) => {
      if (seen.path === "/api/v1/auth/me") return { body: profile };
      if (seen.method === "GET" && seen.path === "/my/schedules")
        return { body: { items: [schedule], next_cursor: null } };
      const said = answer(seen);
      return said === undefined ? problem(404, "not_found") : { body: said };
    },
  });
  const home = await makeHome();
  const env = { RETINUE_URL: server.url, RETINUE_TOKEN: "rtk_test", RETINUE_HOME: home };
  return { server, run: (...words: string[]) => runCli(["schedules", ...words], env) };
};

describe("retinue schedules", () => {
  it("lists when each comes next, how the last run went and what was missed", async () => {
    const { run, server } = await against(() => undefined);
    const { code, out } = await run();
    expect(code).toBe(0);
    expect(out).toMatch(
      new RegExp(
        `${ID} +Morning +0 9 \\* \\* MON-FRI Europe/Berlin +@Architect +2026-11-23T08:00Z +completed 2026-11-21T08:00Z +2`,
      ),
    );
    expect(server.seen.at(-1)?.query.get("project_id")).toBe(PROJECT);
    await run("list", "--all");
    expect(server.seen.at(-1)?.query.get("project_id")).toBeNull();
  });

  it("adds one, in this machine's zone unless told otherwise", async () => {
    const bodies: unknown[] = [];
    const { run } = await against(({ method, body }) => {
      if (method !== "POST") return undefined;
      bodies.push(body);
      return schedule;
    });
    const { code, out } = await run(
      "add",
      "0 9 * * *",
      "What is open?",
      "--agent",
      "@Architect",
      "--zone",
      "Asia/Tokyo",
    );
    expect(code).toBe(0);
    expect(out).toContain(`Added Morning (${ID})`);
    await run("add", "@daily", "@Architect look", "--name", "Look");
    expect(bodies).toEqual([
      {
        name: "What is open?",
        cron: "0 9 * * *",
        time_zone: "Asia/Tokyo",
        message: "What is open?",
        project_id: PROJECT,
        agent: "Architect",
      },
      {
        name: "Look",
        cron: "@daily",
        time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        message: "@Architect look",
        project_id: PROJECT,
      },
    ]);
  });

  it("pauses, resumes, runs and removes one by its name or id", async () => {
    const asked: unknown[] = [];
    const { run } = await against(({ method, path, body }) => {
      asked.push([method, path, body]);
      if (method === "POST") return { run_id: `run_${ULID}`, session_id: `room_${ULID}` };
      return method === "DELETE" ? { ok: true } : { ...schedule, enabled: false, next_run_at: null };
    });
    expect((await run("pause", "morning")).out).toContain("Morning is paused");
    await run("resume", ID);
    expect((await run("run", ID)).out).toContain(`run_${ULID}`);
    expect((await run("remove", "Morning")).out).toContain(`Removed ${ID}`);
    expect(asked).toEqual([
      ["PATCH", `/my/schedules/${ID}`, { enabled: false }],
      ["PATCH", `/my/schedules/${ID}`, { enabled: true }],
      ["POST", `/my/schedules/${ID}/run`, null],
      ["DELETE", `/my/schedules/${ID}`, null],
    ]);
  });

  it("says so when there is none of that name, and prints the server's reason", async () => {
    const { run } = await against(() => undefined);
    const unknown = await run("pause", "Evening");
    expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('no schedule called "Evening"')]);
    expect((await run("remove", ID)).err).toContain("[not_found]");
    expect((await run("add", "@daily")).code).toBe(2);
  });
});
