// The user's budget through its door, next to real reservations; and an installation whose prices cannot be read.
import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, expect, test } from "vitest";
import { mintId } from "#adapters/ids.ts";
import { spendMeter } from "#durable-objects/spend-meter.ts";
import { keyOf } from "#schema/ids.ts";
import { ask, type Person, register } from "#tests/support/workerd/api.ts";
import { app } from "#workers/app.ts";

let person: Person;
beforeEach(async () => {
  person = await register();
});

const get = async () => (await ask("/my/budget", { token: person.token })).json;
const put = (body: unknown) => ask("/my/budget", { method: "PUT", token: person.token, body });
const reserve = (key: string, usd: number) =>
  spendMeter(env.METERS, person.id).reserve({
    key,
    usd,
    projectId: person.projectId,
    runId: mintId("run", keyOf(person.projectId)),
    runLimitUsd: null,
    projectMonthlyLimitUsd: null,
    holdMs: 3_600_000,
  });

test("nobody has a limit until they set one, and warnings come at four fifths", async () => {
  const month = new Date().toISOString().slice(0, 7);
  expect(await get()).toMatchObject({
    monthly_budget_usd: null,
    alert_at: 0.8,
    month,
    spent_usd: 0,
    reserved_usd: 0,
    remaining_usd: null,
    projects: [],
  });
});

test("the figures are those of the reservations, by project, and the limit is what they meet", async () => {
  expect((await put({ monthly_budget_usd: 2 })).json).toMatchObject({ monthly_budget_usd: 2, remaining_usd: 2 });
  await reserve("a", 0.5);
  await spendMeter(env.METERS, person.id).settle("a", 0.25);
  await reserve("b", 1);
  expect(await get()).toMatchObject({
    spent_usd: 0.25,
    reserved_usd: 1,
    remaining_usd: 0.75,
    projects: [{ project_id: person.projectId, spent_usd: 0.25, reserved_usd: 1 }],
  });
  expect(await reserve("c", 0.76)).toMatchObject({ state: "refused", level: "user" });
});

test("a change keeps what it does not name; a lowered limit leaves nothing, an ended one no end", async () => {
  await put({ monthly_budget_usd: 2, alert_at: 0.5 });
  await reserve("a", 1);
  expect((await put({ monthly_budget_usd: 0.5 })).json).toMatchObject({ alert_at: 0.5, remaining_usd: 0 });
  expect((await put({ monthly_budget_usd: null })).json).toMatchObject({ alert_at: 0.5, remaining_usd: null });
});

test.each([{ monthly_budget_usd: -1 }, { monthly_budget_usd: "5" }, { alert_at: 0 }, { alert_at: 1.5 }])(
  "%j is refused and changes nothing",
  async (body) => {
    expect((await put(body)).json).toMatchObject({ status: 422, code: "invalid_request" });
    expect(await get()).toMatchObject({ monthly_budget_usd: null, alert_at: 0.8 });
  },
);

test("one user's budget is nothing to another's", async () => {
  await put({ monthly_budget_usd: 2 });
  const other = await register();
  expect((await ask("/my/budget", { token: other.token })).json.monthly_budget_usd).toBeNull();
});

test("prices that cannot be read close the installation, and the variable is named, not its value", async () => {
  const answer = await app.request(
    "/my/budget",
    { headers: { authorization: `Bearer ${person.token}` } },
    { ...env, MODEL_PRICES: "gpt-4o=cheap" },
    createExecutionContext(),
  );
  expect(answer.status).toBe(503);
  const body = await answer.text();
  expect(JSON.parse(body)).toMatchObject({ code: "not_configured", detail: expect.stringContaining("MODEL_PRICES") });
  expect(body).not.toContain("cheap");
});
