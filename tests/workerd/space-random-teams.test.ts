// Teams under chance in the real object: models that fail, dawdle and write nonsense, people who say anything or nothing, and
// an object that is evicted and killed again and again. The same laws as in tests/unit/space, in the real runtime; and money
// that two projects of one user spend at the same time.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { afterEach, expect, it, vi } from "vitest";
import { monthOf } from "#domain/billing/budget.ts";
import { microUp } from "#domain/billing/money.ts";
import { userBudget } from "#durable-objects/spend-meter.ts";
import { CountedSql } from "#durable-objects/worker-space/counted-sql.ts";
import { EventLog } from "#durable-objects/worker-space/event-log.ts";
import { Tables } from "#durable-objects/worker-space/tables.ts";
import type { ApprovalAnswer } from "#schema/api/approvals.ts";
import { ORCHESTRATOR_DEFAULTS } from "#schema/api/orchestrator.ts";
import type { RunId } from "#schema/ids.ts";
import { Chance } from "#tests/support/simulation/chance.ts";
import { brokenAtRest, brokenInLog } from "#tests/support/simulation/team-laws.ts";
import { type AskedOfServer, type ServerReply, scriptedServer } from "#tests/support/workerd/scripted-server.ts";
import {
  agentIn,
  direct,
  type FreshSpace,
  freshSpace,
  killed,
  logOf,
  must,
  roomIn,
} from "#tests/support/workerd/spaces.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

interface Life {
  readonly seed: number;
  readonly graphs: readonly (readonly number[])[];
  readonly maxParallel: number;
  readonly asks: boolean;
  readonly fails: number;
  readonly tools: number;
  readonly kills: number;
  readonly runUsd: number | null;
}

const anyLife: fc.Arbitrary<Life> = fc.record({
  seed: fc.nat(),
  graphs: fc.array(fc.array(fc.nat(63), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 2 }),
  maxParallel: fc.integer({ min: 1, max: 3 }),
  asks: fc.boolean(),
  fails: fc.integer({ min: 0, max: 30 }),
  tools: fc.integer({ min: 0, max: 40 }),
  kills: fc.integer({ min: 0, max: 30 }),
  runUsd: fc.option(fc.integer({ min: 0, max: 100 }).map((cents) => cents / 100)),
});

const stepsOf = (needs: readonly number[], mark: string, chance: Chance) =>
  needs.map((bits, at) => ({
    id: `s${at}`,
    title: `Step ${at}`,
    agent: chance.pick(["Reader", "Writer", "Critic"]),
    instruction: `work ${mark}.s${at}`,
    depends_on: needs.flatMap((_, on) => (on < at && (bits >> on) & 1 ? [`s${on}`] : [])),
  }));

const answerOf = (life: Life, chance: Chance, asked: AskedOfServer): ServerReply => {
  const text = (words: string): ServerReply => ({
    kind: "text",
    text: words,
    usage: { prompt_tokens: 20, completion_tokens: 10 },
  });
  if (chance.percent(life.fails))
    return chance.pick<ServerReply>([
      { kind: "error", status: 500 },
      { kind: "error", status: 400 },
      { kind: "rubbish" },
      { kind: "hang" },
      text("{}"),
    ]);
  if (asked.kind === "plan") {
    const request = asked.messages.findLast(({ content }) => content?.startsWith("request "))?.content ?? "request 0";
    const graph = life.graphs[Number(request.slice("request ".length))] ?? [0];
    return text(JSON.stringify({ steps: stepsOf(graph, `m${chance.between(0, 1e9)}`, chance) }));
  }
  if (!asked.tools || !chance.percent(life.tools)) return text("a result");
  const ask = {
    name: "call_agent",
    arguments: { agent: chance.pick(["Reader", "Writer", "Critic", "Nobody"]), instruction: "help" },
  };
  const write = { name: "write_file", arguments: { path: "a.txt", content: "x" } };
  return { kind: "tools", calls: chance.pick([[ask], [write], [ask, ask], [ask, write]]) };
};

const answerTo = (chance: Chance): ApprovalAnswer | null =>
  chance.pick<ApprovalAnswer | null>([
    { decision: "approve" },
    { decision: "approve" },
    { decision: "approve", arguments: { steps: stepsOf([0, 1], "edited", chance) } },
    { decision: "reject" },
    { decision: "respond", content: "otherwise" },
    null,
  ]);

/** What the object keeps, read from its own disk. */
const broken = (space: FreshSpace, life: Life): Promise<string[]> =>
  runInDurableObject(space.object, (_, ctx) => {
    const sql = new CountedSql(ctx.storage.sql);
    return [
      ...brokenInLog(new EventLog(sql).after(0, 10_000, null), life.maxParallel),
      ...brokenAtRest(new Tables(sql)),
    ];
  });

const count = { lives: 0, events: 0, kills: 0, asked: 0, told: 0, spent: 0 };

it("keeps the laws of the team in every life", { timeout: 240_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(anyLife, async (life) => {
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
      const server = scriptedServer({ MODEL_PRICES: "stub=10/1000", MODEL_TIMEOUT_SECONDS: "1" });
      const chance = new Chance(life.seed);
      const { kills } = count;
      server.play((asked) => answerOf(life, chance, asked));
      let space = freshSpace();
      const tools = ["call_agent", "write_file"] as const;
      const agents = [
        agentIn(space, { name: "Planner", tools: [] }),
        ...["Reader", "Writer", "Critic"].map((name) =>
          agentIn(space, {
            name,
            tools: [...tools],
            concurrency_limit: chance.between(1, 2),
            model: { tier: "smart", max_tokens: 20 },
          }),
        ),
      ];
      const [planner] = agents;
      if (planner === undefined) throw new Error("no planner");
      const orchestrator = {
        ...ORCHESTRATOR_DEFAULTS,
        model: { tier: "smart", max_tokens: 20 } as const,
        max_parallel: life.maxParallel,
        approval: { always: life.asks, over_cost_usd: 1_000, over_steps: 200, over_risk: "high" } as const,
        limits: { ...ORCHESTRATOR_DEFAULTS.limits, max_cost_usd: life.runUsd },
      };
      const runs: RunId[] = [];
      for (const at of life.graphs.keys()) {
        const to = { kind: "team", planner, agents, orchestrator } as const;
        const command = {
          room_id: await roomIn(space),
          content: `request ${at}`,
          to,
          idempotency_key: null,
          wait_ms: 0,
        };
        runs.push(must(await space.stub.postMessage(space.caller, command)).run.id);
      }
      const ignored = new Set<string>();
      const open = async () => {
        const found = [];
        for (const id of runs) found.push(must(await space.stub.getRun(space.caller, id)));
        return found.some(({ ended_at }) => ended_at === null);
      };
      for (let tick = 0; tick < 600 && (await open()); tick += 1) {
        vi.setSystemTime(Date.now() + chance.between(1, 4_000));
        if (chance.percent(life.kills)) {
          count.kills += 1;
          if (chance.percent(50)) await evictDurableObject(space.object);
          else space = await killed(space);
        }
        await runDurableObjectAlarm(space.object);
        const page = must(
          await space.stub.listApprovals(space.caller, { status: "pending", kind: null }, { limit: 20 }),
        );
        for (const approval of page.items) {
          const answer = ignored.has(approval.id) ? null : answerTo(chance);
          if (answer === null) ignored.add(approval.id);
          else await space.stub.decideApproval(space.caller, approval.id, answer);
        }
      }
      expect(await open()).toBe(false);
      expect(await broken(space, life)).toEqual([]);
      const verified = must(await space.stub.verify(space.caller, null, true));
      expect(verified).toMatchObject({ valid: true, read_models: { equal: true, first_difference: null } });
      if (life.runUsd !== null)
        for (const id of runs)
          expect(must(await space.stub.getRun(space.caller, id)).usage.cost_usd).toBeLessThanOrEqual(life.runUsd);
      // Past the time of everything that is held. A kill may fall into the instant between the end of a turn and the telling of
      // its call, or cut off a settlement: then the budget knows of more than the log, and never of less.
      vi.setSystemTime(Date.now() + 600_000);
      const spent = async () => microUp((await userBudget(env.METERS, space.user_id).read()).usage.spentUsd);
      const told = (await logOf(space)).reduce(
        (sum, { data }) => sum + (data !== null && "cost_usd" in data ? microUp(Number(data.cost_usd ?? 0)) : 0),
        0,
      );
      if (kills === count.kills) await expect.poll(spent).toBe(told);
      else expect(await spent()).toBeGreaterThanOrEqual(told);
      count.told += told;
      count.spent += await spent();
      count.lives += 1;
      count.asked += server.asked.length;
      count.events += (await logOf(space)).length;
      vi.useRealTimers();
    }),
    { numRuns: 25 },
  );
  console.info(JSON.stringify(count));
});

it("spends a month's money in fifty runs at once over two projects to the cent, tells it once, and asks no model without it", async () => {
  const server = scriptedServer({ MODEL_PRICES: "stub=0/1000" });
  server.play(() => ({ kind: "text", text: "done", usage: { prompt_tokens: 5, completion_tokens: 10 } }));
  const one = freshSpace();
  const spaces = [one, freshSpace(one.user_id)];
  await userBudget(env.METERS, one.user_id).change({ monthlyLimitUsd: 0.2 });
  const posting = await Promise.all(
    spaces.map(async (space) => {
      const agent = agentIn(space, { concurrency_limit: 20, tools: [], model: { tier: "smart", max_tokens: 10 } });
      const room_id = await roomIn(space);
      const command = { room_id, content: "hello", to: direct(agent), idempotency_key: null, wait_ms: 15_000 };
      return await Promise.all(Array.from({ length: 25 }, () => space.stub.postMessage(space.caller, command)));
    }),
  );
  const ended = posting.flat().map((posted) => must(posted).run);
  expect(ended.filter(({ status }) => status === "completed")).toHaveLength(20);
  expect(ended.filter(({ error }) => error?.code === "budget_exhausted")).toHaveLength(30);
  expect(server.asked).toHaveLength(20);
  const { usage } = await userBudget(env.METERS, one.user_id).read();
  expect(usage).toMatchObject({ month: monthOf(Date.now()), spentUsd: 0.2, reservedUsd: 0 });
  const alerts = [];
  for (const space of spaces) alerts.push(...(await logOf(space)).filter(({ type }) => type === "budget.alerted"));
  expect(alerts.map(({ data }) => data)).toEqual([{ level: "user", limit_usd: 0.2, spent_usd: 0.16, at: 0.8 }]);
});
