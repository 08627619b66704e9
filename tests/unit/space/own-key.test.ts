// Stories of keys that came with a request: the run's model is asked with them alone, they are gone with the run, and a run
// that lost its key ends rather than go on with the installation's.
import { afterEach, expect, it, vi } from "vitest";
import { type BroughtSecrets, NO_SECRETS } from "#schema/api/brought.ts";
import { ORCHESTRATOR_DEFAULTS } from "#schema/api/orchestrator.ts";
import { calls, doing, FREELY, must, planOf, Stage, said } from "#tests/support/simulation/stage.ts";

afterEach(() => {
  vi.useRealTimers();
});

const CANARY = "sk-canary-0123456789abcdef";
const WORDS = "correct horse battery staple";
const OWN: BroughtSecrets = { modelApiKey: CANARY, modelProvider: "openai", memoryPassphrase: null };

const tell = async (stage: Stage, secrets: BroughtSecrets, name = "Critic") => {
  const agent = stage.agents.find((one) => one.name === name) ?? stage.agents[0];
  const to = { kind: "agent", agent, colleagues: stage.agents, limitUsd: null, projectLimitUsd: null } as const;
  const command = { room_id: stage.room, content: "hello", to, idempotency_key: null, wait_ms: 0, secrets };
  return must(await stage.space.organs.runs.post(stage.space.caller, command)).run.id;
};

const delegated = (stage: Stage) => async (secrets: BroughtSecrets) => {
  const to = {
    kind: "team",
    planner: stage.agents[0],
    agents: stage.agents,
    orchestrator: { ...ORCHESTRATOR_DEFAULTS, approval: FREELY },
  } as const;
  const command = { room_id: stage.room, content: "do it", to, idempotency_key: null, wait_ms: 0, secrets };
  return must(await stage.space.organs.runs.post(stage.space.caller, command)).run.id;
};

it("a model is asked with the key that came along, and the run says only that there was one", async () => {
  const stage = await Stage.open(() => said({ text: "hi" }));
  const run = await tell(stage, OWN);
  expect(await stage.end(run)).toMatchObject({ status: "completed", brought: ["model_key"] });
  expect(stage.model.asked.map(({ ownKey }) => ownKey)).toEqual([{ key: CANARY, provider: "openai" }]);
  expect(JSON.stringify(stage.space.log())).not.toContain(CANARY);
  expect(await stage.space.organs.replay.compare()).toMatchObject({ equal: true });
});

it("another run knows nothing of it", async () => {
  const stage = await Stage.open(() => said({ text: "hi" }, 5_000));
  const [own, other] = [await tell(stage, OWN), await tell(stage, NO_SECRETS)];
  await stage.end(own);
  expect(await stage.end(other)).toMatchObject({ status: "completed", brought: null });
  expect(stage.model.asked.map(({ ownKey }) => ownKey?.key ?? null)).toEqual([CANARY, null]);
});

it("every step of a team's run is done with it, the planning and the closing too", async () => {
  const stage = await Stage.open(doing(planOf(["a", "Reader"], ["b", "Writer", "a"])));
  const run = await delegated(stage)(OWN);
  expect(await stage.end(run)).toMatchObject({ status: "completed" });
  expect(stage.model.asked.map(({ ownKey }) => ownKey?.key)).toEqual([CANARY, CANARY, CANARY, CANARY]);
});

it("is forgotten when the run has ended, however it ended", async () => {
  const stage = await Stage.open(() => said({ text: "hi" }, 1_000));
  const [done, cancelled] = [await tell(stage, OWN), await tell(stage, OWN)];
  stage.cancel(cancelled);
  await stage.end(done);
  const { secrets } = stage.space.organs.core;
  expect([secrets.of(done), secrets.of(cancelled)]).toEqual([NO_SECRETS, NO_SECRETS]);
});

it("a run whose key was lost in a crash ends with the reason, and nobody is asked without it", async () => {
  const stage = await Stage.open(() => said({ text: "hi" }, 1_000));
  const run = await tell(stage, OWN);
  await stage.pass(500);
  await stage.kill();
  expect(await stage.end(run)).toMatchObject({ status: "failed", error: { code: "own_key_lost" } });
  expect(stage.model.asked).toHaveLength(1);
  expect(stage.leftovers()).toBe(0);
});

it("a run that waited for a person when its key was lost ends when it would go on", async () => {
  const stage = await Stage.open(({ words }) =>
    words === "hello" ? calls(["write_file", { path: "a.txt", content: "x" }]) : said({ text: "hi" }),
  );
  const run = await tell(stage, OWN, "Reader");
  await stage.pass(1_000);
  await stage.kill();
  await stage.decide({ decision: "reject", note: "no" });
  expect(await stage.end(run)).toMatchObject({ status: "failed", error: { code: "own_key_lost" } });
});

it("a team's run ends as a whole, when its key was lost", async () => {
  const stage = await Stage.open(doing(planOf(["a", "Reader"], ["b", "Writer"]), () => said({ text: "ok" }, 5_000)));
  const run = await delegated(stage)(OWN);
  await stage.pass(1_000);
  await stage.kill();
  expect(await stage.end(run)).toMatchObject({ status: "failed", error: { code: "own_key_lost" } });
  expect(stage.steps(run)).toEqual({ a: "cancelled", b: "cancelled" });
  expect(stage.leftovers()).toBe(0);
});

it("a passphrase is there for the run, and a run does without one that was lost", async () => {
  const stage = await Stage.open(() => said({ text: "hi" }, 1_000));
  const run = await tell(stage, { ...NO_SECRETS, memoryPassphrase: WORDS });
  expect(stage.space.organs.core.secrets.of(run).memoryPassphrase).toBe(WORDS);
  await stage.pass(500);
  await stage.kill();
  expect(stage.space.organs.core.secrets.of(run).memoryPassphrase).toBeNull();
  expect(await stage.end(run)).toMatchObject({ status: "completed", brought: ["memory_passphrase"] });
  expect(JSON.stringify(stage.space.log())).not.toContain(WORDS);
});
