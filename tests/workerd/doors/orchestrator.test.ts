// A project's orchestrator through its door: defaults that were never written, changes laid over them, versions, and a cache
// that is right after every change.
import { env } from "cloudflare:workers";
import { beforeEach, expect, test } from "vitest";
import { meterOf } from "#durable-objects/stubs.ts";
import { ORCHESTRATOR_DEFAULTS } from "#schema/api/orchestrator.ts";
import { keyOf } from "#schema/ids.ts";
import { ask, type Person, register } from "#tests/support/workerd/api.ts";

let person: Person;
let path: string;
beforeEach(async () => {
  person = await register();
  path = `/my/projects/${person.projectId}/orchestrator`;
});

const get = async () => (await ask(path, { token: person.token })).json;
const put = (body: unknown) => ask(path, { method: "PUT", token: person.token, body });

test("a project begins with the defaults, as version 0", async () => {
  expect(await get()).toEqual({ ...ORCHESTRATOR_DEFAULTS, version: 0 });
});

test("a change says only what it names, also inside a group, and null is a value", async () => {
  const first = await put({ max_parallel: 2, limits: { max_cost_usd: null } });
  expect(first).toMatchObject({ status: 200, json: { max_parallel: 2, version: 1 } });
  const second = await put({ approval: { always: true }, limits: { monthly_budget_usd: 12.5 } });
  expect(second.json).toEqual({
    ...ORCHESTRATOR_DEFAULTS,
    max_parallel: 2,
    approval: { ...ORCHESTRATOR_DEFAULTS.approval, always: true },
    limits: { ...ORCHESTRATOR_DEFAULTS.limits, max_cost_usd: null, monthly_budget_usd: 12.5 },
    version: 2,
  });
  expect(await get()).toEqual(second.json);
});

test("what was never named is not written down, so it follows the defaults", async () => {
  await put({ approval: { over_steps: 7 } });
  const row = await env.DB.prepare("SELECT config FROM orchestrators WHERE project_id = ?")
    .bind(person.projectId)
    .first<{ config: string }>();
  expect(JSON.parse(row?.config ?? "")).toEqual({ approval: { over_steps: 7 }, limits: {} });
});

test("a change that expects another version is refused, also before there is any", async () => {
  expect((await put({ max_parallel: 1, if_version: 3 })).json).toMatchObject({ status: 409, code: "version_conflict" });
  expect((await put({ max_parallel: 1, if_version: 0 })).json.version).toBe(1);
  expect((await put({ max_parallel: 2, if_version: 0 })).json).toMatchObject({
    code: "version_conflict",
    detail: "the current version is 1",
  });
  expect((await put({ max_parallel: 2, if_version: 1 })).json.version).toBe(2);
});

test("of twenty changes at once that expect one version, one is made", async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => put({ max_parallel: 2, if_version: 0 })));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(409)]);
  expect((await get()).version).toBe(1);
});

test("values out of bounds are refused by name", async () => {
  const refused = await put({ max_parallel: 4, limits: { max_cost_usd: -1 } });
  expect(refused.status).toBe(422);
  expect(refused.json.errors.map((error: { path: string }) => error.path)).toEqual([
    "json.max_parallel",
    "json.limits.max_cost_usd",
  ]);
  expect((await get()).version).toBe(0);
});

test("a change drops the cached copy, and a copy read before the change cannot come back", async () => {
  const key = `orchestrator:${keyOf(person.projectId)}`;
  const meter = meterOf(env.METERS, person.id);
  const rule = { name: "t", limit: 0, windowSeconds: 60 };
  const slot = async () => (await meter.admit({ userId: person.id, rule, revocable: [], want: [key] })).cache[key];
  const before = await slot();
  await meter.cachePut(person.id, key, before?.generation ?? 0, "a copy", 60);
  expect((await slot())?.value).toBe("a copy");
  await put({ max_parallel: 2 });
  expect((await slot())?.value).toBeNull();
  await meter.cachePut(person.id, key, before?.generation ?? 0, "a copy", 60);
  expect((await slot())?.value).toBeNull();
});
