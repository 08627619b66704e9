// What making vectors of memories costs: it is held against the limits of the project on whose behalf they were written, told
// to its space, and never spent where there is no room. The embedding server is an address that the runtime's fetch answers.
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { base64Of, embed } from "#adapters/models/offline/embeddings.ts";
import { priceBook } from "#domain/billing/price.ts";
import { textOf } from "#domain/memory/place.ts";
import type { MemoryPayer } from "#domain/memory/port.ts";
import { worstCaseEmbeddingUsd } from "#domain/models/priced-embedding.ts";
import { ownMemory } from "#durable-objects/memory-hand.ts";
import { userBudget } from "#durable-objects/spend-meter.ts";
import { association, noted } from "#tests/support/workerd/memories.ts";
import { type FreshSpace, freshSpace, logOf, must } from "#tests/support/workerd/spaces.ts";

const MODEL = "text-embedding-3-small";
const DIMENSIONS = 1_536;
const Asked = z.object({ input: z.array(z.string()) });
let asked: string[] = [];
let tokens = 0;

beforeEach(() => {
  asked = [];
  tokens = 500;
  Object.assign(env, { EMBEDDING_BASE_URL: "http://embedding.test/v1", EMBEDDING_MODEL: MODEL });
  vi.spyOn(globalThis, "fetch").mockImplementation(async (_, init) => {
    const { input } = Asked.parse(JSON.parse(String(init?.body)));
    asked.push(...input);
    return Response.json({
      object: "list",
      model: MODEL,
      data: input.map((text, index) => ({ object: "embedding", index, embedding: base64Of(embed(text, DIMENSIONS)) })),
      usage: { prompt_tokens: tokens * input.length, total_tokens: tokens * input.length },
    });
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  Object.assign(env, { EMBEDDING_BASE_URL: undefined, EMBEDDING_MODEL: undefined });
});

/** Something long enough that what it costs can be told from nothing. */
const LONG = "The user's allotment is number forty-two, behind the old mill. ".repeat(40);
const wrote = async (space: FreshSpace, limitUsd: number | null) => {
  const payer: MemoryPayer = { projectId: space.project_id, monthlyLimitUsd: limitUsd };
  const own = ownMemory(env.MEMORIES, space.user_id, null);
  must(await own.remember(noted(association("allotment", LONG)), payer));
  return own;
};
const Used = z.object({
  purpose: z.string(),
  agent_id: z.string().nullable(),
  model: z.string(),
  cost_usd: z.number(),
});
const usedIn = async (space: FreshSpace) =>
  (await logOf(space)).flatMap(({ type, data }) => (type === "model.used" ? [Used.parse(data)] : []));

test("a memory written by hand is embedded on its project's account, and its space is told what it took", async () => {
  const space = freshSpace();
  must(await space.stub.status(space.caller));
  await wrote(space, 1);
  await expect.poll(async () => (await usedIn(space)).length).toBe(1);
  const [used] = await usedIn(space);
  expect(used).toMatchObject({ purpose: "embedding", agent_id: null, model: MODEL });
  const spent = used?.cost_usd ?? 0;
  expect(spent).toBeGreaterThan(0);
  await expect
    .poll(async () => (await userBudget(env.METERS, space.user_id).read()).usage.spentUsd)
    .toBeCloseTo(spent, 9);
  // Its vector was kept: nobody is asked for it again.
  expect(asked).toHaveLength(1);
});

test("where the project's limit leaves no room nobody is asked, and words still find it", async () => {
  const space = freshSpace();
  must(await space.stub.status(space.caller));
  const own = await wrote(space, 0.000_000_1);
  const found = must(await own.search({ text: "allotment old mill", vector: null, model: MODEL }, 5));
  expect(found.items).toHaveLength(1);
  expect(asked).toEqual([]);
  // As soon as there is room, the next call makes up for it.
  must(
    await own.remember(noted(association("cat", "The cat is called Tom.")), {
      projectId: space.project_id,
      monthlyLimitUsd: 1,
    }),
  );
  await expect.poll(() => asked.length).toBe(2);
});

test("a threshold that memory's vectors pass is told in the project's log", async () => {
  const space = freshSpace();
  must(await space.stub.status(space.caller));
  // All of what was held is claimed, and so it is spent: nine tenths of the limit.
  tokens = 1_000_000;
  const worst = worstCaseEmbeddingUsd(priceBook(), MODEL, [textOf(association("allotment", LONG))]);
  await wrote(space, worst / 0.9);
  await expect.poll(async () => (await logOf(space)).map(({ type }) => type)).toContain("budget.alerted");
});

test("vectors that did not come and may have been charged are in the log with what they count for", async () => {
  const space = freshSpace();
  must(await space.stub.status(space.caller));
  // An answer, and none that can be read.
  vi.mocked(globalThis.fetch).mockImplementation(async () => Response.json({ object: "list", data: [] }));
  await wrote(space, 1);
  // It is asked again at the next call, and each time counts; the ledger rounds each up to a millionth.
  const told = async () => (await usedIn(space)).reduce((sum, { cost_usd }) => sum + cost_usd, 0);
  await expect.poll(told).toBeGreaterThan(0);
  await expect
    .poll(async () => {
      const { spentUsd } = (await userBudget(env.METERS, space.user_id).read()).usage;
      return Math.abs(spentUsd / (await told()) - 1);
    })
    .toBeLessThan(0.1);
});
