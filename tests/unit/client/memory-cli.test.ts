// `retinue memory` as people and scripts use it, in real processes, against a scripted server; and what it says it is.
import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { makeHome, runCli } from "./run-cli.ts";
import { type Answer, problem, type Seen, scriptedServer } from "./scripted-server.ts";

const ULID = "01K9Z8Q3T5E6R7Y8V9W0X1Z2A";
const AT = "2026-11-21T08:00:00.000Z";
const locked = { id: `mem_${ULID}4`, type: "core", locked: true, created_at: AT };

const against = async (http: (seen: Seen) => Answer) => {
  const server = await scriptedServer({ http });
  const env = { RETINUE_URL: server.url, RETINUE_TOKEN: "rtk_test", RETINUE_HOME: await makeHome() };
  return { server, run: (...words: string[]) => runCli(words, env) };
};

it("lists everything that is known by one request, and counts what is locked", async () => {
  const { run, server } = await against(({ path }) =>
    path === "/api/v1/memory/export"
      ? (response) => {
          response.setHeader("content-type", "application/x-ndjson");
          response.end(`${JSON.stringify(locked)}\n`);
        }
      : problem(404, "not_found"),
  );
  const { code, out } = await run("memory");
  expect(code).toBe(0);
  expect(out).toContain("1 locked");
  expect(server.seen.map(({ path }) => path)).toEqual(["/api/v1/memory/export"]);
});

it("says whether anything is learned, and what turning it off does", async () => {
  const { run, server } = await against(({ method }) => ({ body: { learning: method === "GET" ? "on" : "off" } }));
  expect((await run("memory", "learning")).out).toContain("Learning is on: ");
  expect((await run("memory", "learning", "off")).out).toContain("What is known stays known");
  expect((await run("memory", "learning", "maybe")).code).toBe(2);
  expect(server.seen.map(({ method }) => method)).toEqual(["GET", "PUT"]);
});

it("says which version it is, without a server", async () => {
  const { code, out } = await runCli(["--version"], { RETINUE_HOME: await makeHome() });
  expect(code).toBe(0);
  const own = await readFile(new URL("../../../package.json", import.meta.url), "utf8");
  expect(own).toContain(`"version": "${out.trim()}"`);
});
