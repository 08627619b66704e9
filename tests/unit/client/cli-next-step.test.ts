// A command that cannot go on says what to do next, in a real process against a scripted server.
import { describe, expect, it } from "vitest";
import { makeHome, runCli } from "./run-cli.ts";
import { problem, scriptedServer } from "./scripted-server.ts";

const PROJECT = "proj_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3";

const against = async (status: number, code: string, token = "rtk_test") => {
  const server = await scriptedServer({ http: () => problem(status, code) });
  const env = { RETINUE_URL: server.url, RETINUE_TOKEN: token, RETINUE_HOME: await makeHome() };
  return { server, run: (...words: string[]) => runCli(words, env) };
};

describe("the command line", () => {
  it("takes a group's options without the name of what it does by default", async () => {
    const { run, server } = await against(404, "not_found");
    await run("schedules", "--project", PROJECT);
    await run("schedules", "list", "--project", PROJECT);
    const [short, long] = server.seen.map(({ path, query }) => `${path}?${query}`);
    expect(short).toContain(PROJECT);
    expect(short).toBe(long);
  });

  it("says that a credential of one project must be told which", async () => {
    const { run } = await against(403, "insufficient_scope");
    expect((await run("agents")).err).toContain("set RETINUE_PROJECT, or use --project");
  });

  it("refuses a token with something behind it without showing or sending it", async () => {
    const { run, server } = await against(200, "x", "rtk_secret\nrtk_secret");
    const { code, err } = await run("agents");
    expect(code).toBe(2);
    expect(err).toContain("RETINUE_TOKEN is not one token");
    expect(err).not.toContain("rtk_secret");
    expect(server.seen).toEqual([]);
  });

  it("asks whether the server is running when nobody answers", async () => {
    const env = { RETINUE_URL: "http://127.0.0.1:9", RETINUE_TOKEN: "rtk_test", RETINUE_HOME: await makeHome() };
    expect((await runCli(["agents", "--project", PROJECT], env)).err).toContain("npm start");
  });
});
