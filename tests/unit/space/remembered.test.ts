// Stories of answers that were given before: the same user's same request is not asked and not paid for again.
import { afterEach, expect, it, vi } from "vitest";
import { everyTier, type ModelRoutes } from "#domain/models/candidates.ts";
import { NO_SECRETS } from "#schema/api/brought.ts";
import { calls, must, planOf, Stage, said } from "#tests/support/simulation/stage.ts";

afterEach(() => {
  vi.useRealTimers();
});

const ROUTES: ModelRoutes = {
  tiers: everyTier([[{ provider: "openai", model: "m" }]]),
  fallbacks: {},
  providers: { openai: { configured: true, keyed: true, usual: null } },
  defaultProvider: "openai",
};
const HANDS = { routes: ROUTES, cacheSeconds: 3_600 };
const PAID = said({ text: "forty-two", inputTokens: 10, outputTokens: 3, costUsd: 0.5 });

// A room of its own each time: what was said before belongs to the request.
const tell = async (stage: Stage, more: { cache?: boolean; key?: string } = {}) => {
  const [, , , critic] = stage.agents;
  const agent = critic ?? stage.agents[0];
  const to = { kind: "agent", agent, limitUsd: null, projectLimitUsd: null } as const;
  const secrets = { ...NO_SECRETS, modelApiKey: more.key ?? null };
  const command = { room_id: stage.space.room(), content: "why?", to, idempotency_key: null, wait_ms: 0 };
  const posted = await stage.space.organs.runs.post(stage.space.caller, { ...command, cache: more.cache, secrets });
  const run = must(posted).run.id;
  await stage.end(run);
  return run;
};

it("the same request is answered without asking or paying, and says so", async () => {
  const stage = await Stage.open(() => PAID, HANDS);
  const [first, second] = [await tell(stage), await tell(stage)];
  expect(stage.questions).toHaveLength(1);
  expect(stage.run(first)).toMatchObject({ status: "completed", costUsd: 0.5 });
  expect(stage.run(second)).toMatchObject({ status: "completed", costUsd: 0, inputTokens: 10, outputTokens: 3 });
  expect(stage.all(second, "model.called").map(({ data }) => data)).toMatchObject([{ cached: true, cost_usd: 0 }]);
  expect(stage.all(first, "model.called")[0]?.data.cached).toBeUndefined();
  const answers = stage.space
    .log()
    .filter(({ type, data }) => type === "message.posted" && "role" in data && data.role === "agent");
  expect(answers.map(({ data }) => "content" in data && data.content)).toEqual(["forty-two", "forty-two"]);
});

it("it is asked again when its time is over, after a crash not before", async () => {
  const stage = await Stage.open(() => PAID, HANDS);
  await tell(stage);
  await stage.kill();
  await tell(stage);
  expect(stage.questions).toHaveLength(1);
  await stage.pass(3_600_000);
  await tell(stage);
  expect(stage.questions).toHaveLength(2);
});

it("whoever does not want it asks anew: the message, the agent, a key of one's own, the installation", async () => {
  const stage = await Stage.open(() => PAID, HANDS);
  await tell(stage);
  await tell(stage, { cache: false });
  await tell(stage, { key: "sk-own-0123456789" });
  expect(stage.questions).toHaveLength(3);
  const unwilling = { Critic: { model: { tier: "smart" as const, cache: false } } };
  for (const [hands, changes] of [
    [HANDS, unwilling],
    [{ routes: ROUTES }, {}],
  ] as const) {
    const other = await Stage.open(() => PAID, hands, changes);
    await tell(other);
    await tell(other);
    expect(other.questions).toHaveLength(2);
    expect(other.space.answers.kept.size).toBe(0);
  }
});

it("only whole answers in words are remembered", async () => {
  const short = said({ text: "forty-", finishReason: "length" });
  const stage = await Stage.open(({ before }) => (before === 0 ? short : PAID), HANDS);
  await tell(stage);
  await tell(stage);
  expect(stage.questions).toHaveLength(2);
  const tools = await Stage.open(
    ({ request }) => (request.messages.at(-1)?.role === "tool" ? "done" : calls(["list_directory", { path: "." }])),
    HANDS,
    { Critic: { tools: [] } },
  );
  await tell(tools);
  // The call of a tool was asked for, and only the words after it are kept.
  expect(tools.space.answers.kept.size).toBe(1);
});

it("a plan is never remembered: it is judged after it was made", async () => {
  const stage = await Stage.open(({ kind }) => (kind === "plan" ? planOf(["a", "Reader"]) : "done"), HANDS);
  for (const room of [stage.space.room(), stage.space.room()]) await stage.end(await stage.ask("do it", {}, room));
  expect(stage.questions.filter(({ kind }) => kind === "plan")).toHaveLength(2);
});

it("a memory that is gone, or holds rubbish, is as if it were empty", async () => {
  const stage = await Stage.open(() => PAID, HANDS);
  await tell(stage);
  for (const [key, kept] of stage.space.answers.kept)
    stage.space.answers.kept.set(key, { ...kept, answer: "{rubbish" });
  expect(stage.run(await tell(stage))).toMatchObject({ status: "completed", costUsd: 0.5 });
  vi.spyOn(stage.space.answers, "recall").mockRejectedValue(new Error("gone"));
  vi.spyOn(stage.space.answers, "keep").mockRejectedValue(new Error("gone"));
  expect(stage.run(await tell(stage))).toMatchObject({ status: "completed", costUsd: 0.5 });
  expect(stage.space.defects).toEqual([]);
});
