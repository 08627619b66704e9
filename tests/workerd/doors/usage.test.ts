// GET /my/usage: what model calls took, for their owner alone.
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { ask, type Person, register } from "#tests/support/workerd/api.ts";

const DAY_MS = 86_400_000;
const day = (ago: number): string => new Date(Date.now() - ago * DAY_MS).toISOString().slice(0, 10);

interface Row {
  readonly ago: number;
  readonly project?: string;
  readonly agent: readonly [id: string, name: string];
  readonly model: string;
  readonly calls: number;
  readonly micros: number;
  readonly unpriced?: number;
}

const spend = async (person: Person, ...rows: readonly Row[]): Promise<void> => {
  for (const { ago, project, agent, model, calls, micros, unpriced } of rows) {
    await env.DB.prepare("INSERT INTO usage_daily VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(
        ...[person.id, day(ago), project ?? person.projectId, agent[0], model, agent[1]],
        ...[calls, calls * 10, calls * 2, micros, unpriced ?? 0],
      )
      .run();
  }
};

const usage = async ({ token }: Person, query = "") => (await ask(`/my/usage${query}`, { token })).json;

let ada: Person;
let eve: Person;
let second: string;

beforeAll(async () => {
  [ada, eve] = await Promise.all([register(), register()]);
  second = (await ask("/my/projects", { token: ada.token, body: { name: "Second" } })).json.id;
  await spend(
    ada,
    { ago: 0, agent: ["agt_a", "Renamed"], model: "m1", calls: 3, micros: 1_500_000 },
    { ago: 2, agent: ["agt_a", "Old name"], model: "m2", calls: 1, micros: 10 },
    { ago: 2, agent: ["agt_b", "Critic"], model: "m1", calls: 2, micros: 0, unpriced: 2 },
    { ago: 5, project: second, agent: ["agt_c", "Writer"], model: "m1", calls: 5, micros: 250_000 },
    { ago: 40, agent: ["agt_a", "Older name"], model: "m1", calls: 7, micros: 9_000_000 },
  );
  await spend(eve, { ago: 0, agent: ["agt_e", "Hers"], model: "m1", calls: 100, micros: 1 });
});

describe("a user's usage", () => {
  test("is summed by day, the newest first, over thirty days unless asked otherwise", async () => {
    const report = await usage(ada);
    expect(report).toMatchObject({
      from: day(29),
      to: day(0),
      group: "day",
      total: { calls: 11, input_tokens: 110, output_tokens: 22, cost_usd: 1.75001, unpriced_calls: 2 },
    });
    expect(report.items).toEqual([
      {
        ...{ day: day(0), agent: null, model: null, calls: 3, input_tokens: 30, output_tokens: 6 },
        ...{ cost_usd: 1.5, unpriced_calls: 0 },
      },
      expect.objectContaining({ day: day(2), calls: 3, cost_usd: 0.00001, unpriced_calls: 2 }),
      expect.objectContaining({ day: day(5), calls: 5, cost_usd: 0.25 }),
    ]);
    expect((await usage(ada, "?days=1")).total.calls).toBe(3);
    expect((await usage(ada, "?days=2")).total.calls).toBe(3);
    expect((await usage(ada, "?days=3")).total.calls).toBe(6);
    expect((await usage(ada, "?days=366")).total.calls).toBe(18);
  });

  test("is told of one agent alone, day by day", async () => {
    const carol = await register();
    const [one, other] = ["agt_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3", "agt_01K9Z8Q3T5E6R7Y8V9W0X1Z2A4"];
    await spend(
      carol,
      { ago: 0, agent: [one, "One"], model: "m1", calls: 2, micros: 1 },
      { ago: 1, agent: [one, "One"], model: "m2", calls: 3, micros: 1 },
      { ago: 1, agent: [other, "Other"], model: "m1", calls: 7, micros: 1 },
    );
    const report = await usage(carol, `?agent_id=${one}`);
    expect(report.total.calls).toBe(5);
    expect(report.items.map((item: { day: string; calls: number }) => [item.day, item.calls])).toEqual([
      [day(0), 2],
      [day(1), 3],
    ]);
    expect((await usage(eve, `?agent_id=${one}`)).total.calls).toBe(0);
  });

  test("is summed by agent under its latest name, and by model, the dearest first", async () => {
    const agents = (await usage(ada, "?group=agent&days=60")).items;
    expect(agents.map((item: { agent: unknown; calls: number }) => [item.agent, item.calls])).toEqual([
      [{ id: "agt_a", name: "Renamed" }, 11],
      [{ id: "agt_c", name: "Writer" }, 5],
      [{ id: "agt_b", name: "Critic" }, 2],
    ]);
    const models = (await usage(ada, "?group=model")).items;
    expect(models.map((item: { model: string; calls: number }) => [item.model, item.calls])).toEqual([
      ["m1", 10],
      ["m2", 1],
    ]);
  });

  test("is that of one project when asked for, and its owner's alone", async () => {
    expect((await usage(ada, `?project_id=${second}`)).total).toMatchObject({ calls: 5, cost_usd: 0.25 });
    expect((await usage(ada, `?project_id=${ada.projectId}`)).total.calls).toBe(6);
    expect((await usage(eve)).total.calls).toBe(100);
    expect((await usage(await register())).total).toEqual({
      ...{ calls: 0, input_tokens: 0, output_tokens: 0, cost_usd: 0, unpriced_calls: 0 },
    });
    expect((await ask(`/my/usage?project_id=${second}`, { token: eve.token })).status).toBe(403);
  });

  test("still counts what a deleted project spent", async () => {
    const person = await register();
    const gone = (await ask("/my/projects", { token: person.token, body: { name: "Gone" } })).json.id;
    await spend(person, { ago: 1, project: gone, agent: ["agt_g", "G"], model: "m", calls: 4, micros: 1 });
    await ask(`/my/projects/${gone}`, { method: "DELETE", token: person.token });
    expect((await usage(person)).total.calls).toBe(4);
    expect((await ask(`/my/usage?project_id=${gone}`, { token: person.token })).status).toBe(403);
  });

  test("is asked for in words that make sense", async () => {
    for (const query of ["?days=0", "?days=367", "?days=1.5", "?group=hour", "?project_id=mine"])
      expect((await ask(`/my/usage${query}`, { token: ada.token })).status, query).toBe(422);
  });
});
