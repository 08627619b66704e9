// What a call counts for: what is said of it, and never more than was agreed before.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { microUp } from "#domain/billing/money.ts";
import { priceBook } from "#domain/billing/price.ts";
import type { SpendMeter } from "#domain/billing/spend-meter.ts";
import { addDocument } from "#domain/context/add-document.ts";
import { claimReport, counted } from "#domain/models/charge.ts";
import type { EmbeddingModel } from "#domain/models/embeddings.ts";
import { SpendLedger } from "#durable-objects/user-meter/spend-ledger.ts";
import { canonical, sha256 } from "#durable-objects/worker-space/event-log.ts";
import { keyOf } from "#schema/ids.ts";
import { ok } from "#schema/result.ts";
import { direction, refOf } from "#tests/support/context-items.ts";
import { exactContexts } from "#tests/support/exact-contexts.ts";
import { must } from "#tests/support/simulation/stage.ts";
import { SimulatedDisk } from "#tests/support/simulation/storage.ts";

const NOW = Date.parse("2026-11-21T08:00:00Z");
const AGREED = { inputTokens: 100, outputTokens: 50, usd: 0.02 };

describe("what a call counts for", () => {
  test("is what its server says, as long as that is no more than was agreed", () => {
    const said = { inputTokens: 120, outputTokens: 10, costUsd: 0.02 };
    expect(counted(said, AGREED)).toEqual(said);
  });

  test("is what was agreed where more is said, and what was said stands beside", () => {
    const said = { inputTokens: 90, outputTokens: 1e9, costUsd: 1_000 };
    expect(counted(said, AGREED)).toEqual({ inputTokens: 90, outputTokens: 50, costUsd: 0.02, claimed: said });
  });

  test("is what is said where nothing was reserved", () => {
    for (const costUsd of [0, 5, null]) {
      const said = { inputTokens: 1e9, outputTokens: 0, costUsd };
      expect(counted(said, { ...AGREED, usd: 0 })).toEqual(said);
    }
  });

  test("is told as an incident, once a day for a server, only where no estimate could be so wrong", () => {
    expect(claimReport("openai/m", undefined, 0.02, NOW)).toBeNull();
    expect(claimReport("openai/m", 0.04, 0.02, NOW)).toBeNull();
    expect(claimReport("openai/m", 0.041, 0.02, NOW)).toMatchObject({
      idempotencyKey: "claimed:openai/m:2026-11-21",
      details: expect.stringContaining("openai/m"),
    });
  });
});

test("what is paid for a document's vectors is never more than was agreed, whatever its many calls claim", async () => {
  const prices = priceBook(new Map([["lying", { input: 100, output: 0 }]]));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 1e9 }), { minLength: 1, maxLength: 4 }), async (told_) => {
      let agreed = 0;
      const ledger = new SpendLedger(new SimulatedDisk(false).begin());
      const meter: SpendMeter = {
        reserve: async (request) => {
          agreed = request.usd;
          return ledger.reserve(request, NOW);
        },
        settle: async (key, usd) => ledger.settle(key, usd, NOW),
        forfeit: async (keys) => ledger.forfeit(keys, NOW),
      };
      const left = [...told_];
      const model: EmbeddingModel = {
        dimensions: 64,
        model: "lying",
        embed: async (texts) => {
          const inputTokens = left.shift() ?? 0;
          const costUsd = prices.costOf("lying", inputTokens, 0);
          return ok({ vectors: texts.map(() => direction(1)), inputTokens, costUsd });
        },
      };
      const work: Promise<void>[] = [];
      const spend = { meter: () => meter, alert: () => undefined, keepAlive: (one: Promise<void>) => work.push(one) };
      const hash = (value: unknown): string => sha256(canonical(value));
      const deps = { contexts: exactContexts(), model, prices, spend, hash, now: () => NOW };
      const ref = refOf();
      const account = { key: "doc", projectId: ref.projectId, runLimitUsd: null, projectMonthlyLimitUsd: null };
      const sections = Array.from(
        { length: 100 },
        (_, at) => `# Part ${at}\n\n${`Words of part ${at}. `.repeat(60)}`,
      ).join("\n\n");
      const read = { text: sections, isMarkdown: true, pages: null };
      const into = { ref, key: keyOf(ref.projectId), account, replace: false };
      const added = must(await addDocument(deps, into, { title: "t", mediaType: "text/markdown", tags: [], ...read }));
      await Promise.all(work);
      const { spentUsd, reservedUsd } = ledger.usage("2026-11", NOW);
      expect(microUp(spentUsd)).toBeLessThanOrEqual(microUp(agreed));
      expect(added.pieces).toBeGreaterThan(96);
      expect(reservedUsd).toBe(0);
      expect(microUp(added.costUsd ?? 0)).toBe(microUp(spentUsd));
      const calls = told_.slice(0, Math.ceil(added.pieces / 96));
      const claim = calls.reduce((sum, tokens) => sum + tokens, 0);
      expect(added.claimed?.inputTokens ?? added.inputTokens).toBe(claim);
    }),
    { numRuns: 25 },
  );
});
