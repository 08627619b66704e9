// The command `retinue budget`, in real processes against a scripted server.
import { expect, it } from "vitest";
import { makeHome, runCli } from "./run-cli.ts";
import { problem, type Seen, scriptedServer } from "./scripted-server.ts";

const ULID = "01K9Z8Q3T5E6R7Y8V9W0X1Z2A3";
const AT = "2026-12-01T00:00:00.000Z";
const budget = {
  monthly_budget_usd: 20,
  alert_at: 0.8,
  month: "2026-11",
  resets_at: AT,
  spent_usd: 3.200004,
  reserved_usd: 0.05,
  remaining_usd: 16.749996,
  projects: [
    { project_id: `proj_${ULID}`, spent_usd: 3.2, reserved_usd: 0.05 },
    { project_id: `proj_${ULID.replace("A3", "A4")}`, spent_usd: 0.000004, reserved_usd: 0 },
  ],
};
const unlimited = { ...budget, monthly_budget_usd: null, remaining_usd: null, reserved_usd: 0, projects: [] };
const project = {
  id: `proj_${ULID}`,
  name: "Thesis",
  description: "",
  is_default: true,
  created_at: AT,
  updated_at: AT,
};

const start = async (body: unknown) => {
  const server = await scriptedServer({
    http: ({ method, path }: Seen) => {
      if (path === "/my/budget") return { body };
      if (method === "GET" && path === "/my/projects") return { body: { items: [project], next_cursor: null } };
      return problem(404, "not_found");
    },
  });
  const env = { RETINUE_URL: server.url, RETINUE_HOME: await makeHome(), RETINUE_TOKEN: "rtk_token" };
  return { ...server, env };
};

it("shows what is spent, held and left, by project; one that is gone goes by its id", async () => {
  const { env, seen } = await start(budget);
  const { code, out } = await runCli(["budget"], env);
  expect(code).toBe(0);
  expect(out).toContain("2026-11: $3.200004 spent, $0.05 held for calls that are out\n");
  expect(out).toContain(`$16.749996 left of $20.00; warns at 80%, starts anew ${AT}\n`);
  expect(out).toMatch(/Thesis +\$3\.20 +\$0\.05\n/);
  expect(out).toMatch(/proj_01K9\w+A4 +\$0\.000004 +\$0\.00\n/);
  expect(seen.map(({ method }) => method)).toEqual(["GET", "GET"]);
});

it.each([
  [["--monthly", "12.5"], { monthly_budget_usd: 12.5 }],
  [["--monthly", "none", "--alert-at", "0.5"], { monthly_budget_usd: null, alert_at: 0.5 }],
])("%j sets only that", async (words, body) => {
  const { env, seen } = await start(unlimited);
  const { code, out } = await runCli(["budget", ...words], env);
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining("No monthly limit") });
  expect(seen).toMatchObject([{ method: "PUT", path: "/my/budget", body }]);
});

it.each([
  ["--monthly", "lots"],
  ["--monthly", "-5"],
  ["--monthly", "1e9"],
  ["--alert-at", "none"],
])("%s %s is not understood, and nothing is sent", async (option, value) => {
  const { env, seen } = await start(unlimited);
  expect((await runCli(["budget", `${option}=${value}`], env)).code).toBe(2);
  expect(seen).toEqual([]);
});

it("prints the answer as JSON when asked", async () => {
  const { env } = await start(budget);
  expect(JSON.parse((await runCli(["budget", "--json"], env)).out)).toEqual(budget);
});
