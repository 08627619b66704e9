// GET /api/stats: what became of a user's work, for its owner alone, in the shape its clients know.
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { ask, type Person, register } from "#tests/support/workerd/api.ts";

const DAY_MS = 86_400_000;
const at = (ago: number): Date => new Date(Date.now() - ago * DAY_MS);
const day = (ago: number): string => at(ago).toISOString().slice(0, 10);

const did = (who: Person, ago: number, runs: number, completed: number, failed: number) =>
  env.DB.prepare(
    "INSERT INTO daily_snapshots (user_id, day, project_id, runs, completed, failed) VALUES (?, ?, ?, ?, ?, ?)",
  )
    .bind(who.id, day(ago), `${who.projectId}${ago}`, runs, completed, failed)
    .run();

const used = (who: Person, ago: number, model: string, calls: number, micros: number) =>
  env.DB.prepare("INSERT INTO usage_daily VALUES (?, ?, ?, 'agt_a', ?, 'A', ?, ?, ?, ?, 0)")
    .bind(who.id, day(ago), who.projectId, model, calls, calls * 10, calls * 2, micros)
    .run();

const ran = (who: Person, ago: number, id: string, agent: string) =>
  env.DB.prepare(
    `INSERT INTO run_index (id, user_id, project_id, session_id, mode, status, agent_name, model_calls, input_tokens,
     output_tokens, cost_usd, created_at) VALUES (?, ?, ?, 'room', 'direct', 'completed', ?, 1, 1, 1, 0, ?)`,
  )
    .bind(id, who.id, who.projectId, agent, at(ago).toISOString())
    .run();

let ada: Person;
let eve: Person;

beforeAll(async () => {
  [ada, eve] = await Promise.all([register(), register()]);
  await did(ada, 0, 5, 3, 1);
  await did(ada, 6, 4, 4, 0);
  await did(ada, 7, 100, 100, 0);
  await did(eve, 0, 50, 1, 49);
  await used(ada, 0, "ollama/qwen3:8b", 4, 0);
  await used(ada, 0, "anthropic/claude-sonnet-4-6", 2, 2_850_000);
  await used(ada, 7, "openai/gpt-4o", 9, 1);
  await used(eve, 0, "openai/gpt-4o", 9, 1);
  await ran(ada, 0, "run_1", "CodeAssistant");
  await ran(ada, 3, "run_2", "CodeAssistant");
  await ran(ada, 3, "run_3", "Architect");
  await ran(ada, 9, "run_4", "Architect");
  await ran(eve, 0, "run_5", "Architect");
});

const stats = async ({ token }: Person, query = "") => ask(`/api/stats${query}`, { token });

describe("statistics", () => {
  test("are of seven days unless asked otherwise, and of their owner alone", async () => {
    const { status, json } = await stats(ada);
    expect(status).toBe(200);
    expect(json).toEqual({
      period: { start: `${day(6)}T00:00:00.000Z`, end: `${day(-1)}T00:00:00.000Z` },
      tasks: { total: 9, successful: 7, failed: 1, success_rate: 0.875 },
      by_model: {
        "ollama/qwen3:8b": { tasks: 4, tokens_in: 40, tokens_out: 8 },
        "anthropic/claude-sonnet-4-6": { tasks: 2, tokens_in: 20, tokens_out: 4, cost_usd: 2.85 },
      },
      by_agent: { CodeAssistant: 2, Architect: 1 },
      by_day: [
        { day: day(6), tasks: 4, successful: 4, failed: 0, tokens_in: 0, tokens_out: 0, cost_usd: 0 },
        { day: day(0), tasks: 5, successful: 3, failed: 1, tokens_in: 60, tokens_out: 12, cost_usd: 2.85 },
      ],
    });
  });

  test("of more days hold more, and of one day only today", async () => {
    expect((await stats(ada, "?days=30")).json).toMatchObject({ tasks: { total: 109 }, by_agent: { Architect: 2 } });
    expect((await stats(ada, "?days=1")).json).toMatchObject({ tasks: { total: 5 }, by_agent: { CodeAssistant: 1 } });
  });

  test("of somebody new are empty", async () => {
    expect((await stats(await register())).json).toMatchObject({
      tasks: { total: 0, successful: 0, failed: 0, success_rate: null },
      by_model: {},
      by_agent: {},
      by_day: [],
    });
  });

  test.each(["0", "367", "a"])("refuse %j days", async (days) => {
    expect((await stats(ada, `?days=${days}`)).json.code).toBe("invalid_request");
  });

  test("are asked for as often as the caller's tier allows under /api", async () => {
    const { headers } = await stats(ada);
    const limit = env.RATE_LIMIT_PER_MINUTE === undefined ? 20 : Number(env.RATE_LIMIT_PER_MINUTE);
    expect(headers.get("ratelimit-policy")).toBe(limit === 0 ? null : `"api";q=${limit};w=60`);
  });
});
