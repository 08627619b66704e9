// The team under chance: whatever models, people and kills do, the order of a plan holds, no more is done at once than may be,
// no budget is passed, nothing finished is done again, every run ends, and the log alone makes every row.
import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { monthOf } from "#domain/billing/budget.ts";
import { microUp } from "#domain/billing/money.ts";
import { brokenAtRest, brokenInLog, brokenOnAdmission } from "#tests/support/simulation/team-laws.ts";
import { type TeamLife, TeamRun } from "#tests/support/simulation/team-life.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const percent = (most: number) => fc.oneof(fc.constant(0), fc.integer({ min: 0, max: most }));
const dollars = (cents: number) =>
  fc.option(
    fc.integer({ min: 0, max: cents }).map((some) => some / 100),
    { freq: 1 },
  );
const graph = fc.array(fc.nat(255), { maxLength: 8 });

const anyLife: fc.Arbitrary<TeamLife> = fc.record({
  seed: fc.nat(),
  requests: fc.array(graph, { minLength: 1, maxLength: 3 }),
  limits: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 4 }),
  maxParallel: fc.integer({ min: 1, max: 3 }),
  asks: fc.boolean(),
  fails: percent(40),
  tools: percent(50),
  nonsense: percent(40),
  kills: percent(12),
  device: fc.boolean(),
  changes: fc.boolean(),
  runUsd: dollars(30),
  userUsd: dollars(60),
});

const count = {
  lives: 0,
  events: 0,
  kills: 0,
  asked: 0,
  writes: 0,
  told: 0,
  untold: 0,
  completed: 0,
  failed: 0,
  cancelled: 0,
};

const brokenBy = async (life: TeamLife): Promise<string[]> => {
  const run = new TeamRun(life);
  const { space, broken } = run;
  space.watch = (events, organs) => {
    broken.push(...brokenOnAdmission(events, organs.core.tables));
    const usage = run.ledger.usage(monthOf(Date.now()), Date.now());
    if (life.userUsd !== null && usage.spentUsd + usage.reservedUsd > life.userUsd + 1e-9)
      broken.push("the user's budget was passed");
  };
  try {
    if (!(await run.live())) return [...broken, "it did not come to an end"];
    const log = space.log();
    broken.push(...brokenInLog(log, life.maxParallel), ...brokenAtRest(space.organs.core.tables));
    for (const row of space.organs.core.tables.runs.find("where id <> ''"))
      if (life.runUsd !== null && row.costUsd > life.runUsd + 1e-9) broken.push("a run's budget was passed");
    const { all, untold } = run.spent;
    const told = log.reduce((sum, { data }) => sum + ("cost_usd" in data ? microUp(Number(data.cost_usd ?? 0)) : 0), 0);
    if (told + untold !== all) broken.push(`the log tells of ${told}, ${untold} cannot be told, and ${all} was spent`);
    count.told += told;
    count.untold += untold;
    const spent = run.model.asked.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0);
    if (life.userUsd !== null && spent > life.userUsd + 1e-9) broken.push("the user's money was passed");
    const replayed = await space.organs.replay.compare();
    if (!replayed.equal) broken.push(`the log tells another story: ${JSON.stringify(replayed.first_difference)}`);
    broken.push(
      ...space.defects.map((defect) => `a defect: ${defect instanceof Error ? defect.stack : String(defect)}`),
    );
    count.lives += 1;
    count.events += log.length;
    count.kills += run.kills;
    count.writes += run.device.done.length;
    count.asked += run.model.asked.length;
    for (const { type } of log)
      if (type === "run.completed") count.completed += 1;
      else if (type === "run.failed") count.failed += 1;
      else if (type === "run.cancelled") count.cancelled += 1;
    return broken;
  } finally {
    space.close();
  }
};

/** More lives, or the same again: LIVES=2000 SEED=… in the environment. */
const { LIVES = "60", SEED } = process.env;

it("holds its laws in every life", { timeout: 60_000 + Number(LIVES) * 1_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(anyLife, async (life) => {
      expect(await brokenBy(life)).toEqual([]);
    }),
    { numRuns: Number(LIVES), ...(SEED === undefined ? {} : { seed: Number(SEED) }) },
  );
  console.info(JSON.stringify(count));
});
