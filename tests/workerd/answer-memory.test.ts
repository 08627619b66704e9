// The embedded hand of remembered answers in the real runtime: its contract, its bound, and that it sweeps up after itself.
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import { embeddedAnswers } from "#durable-objects/answer-memory.ts";
import { meterOf } from "#durable-objects/stubs.ts";
import { answerMemoryContract } from "#tests/contracts/answer-memory.contract.ts";

afterEach(() => {
  vi.useRealTimers();
});

const at = (now: number) => vi.useFakeTimers({ toFake: ["Date"], now });

answerMemoryContract("embedded", async () => {
  at(Date.parse("2026-11-21T12:00:00Z"));
  return {
    of: (userId) => embeddedAnswers(env.METERS, userId),
    elapse: async (ms) => void vi.setSystemTime(Date.now() + ms),
    close: async () => void vi.useRealTimers(),
  };
});

const rows = (userId: string) =>
  runInDurableObject(
    meterOf(env.METERS, userId),
    (_, { storage }) => storage.sql.exec<{ count: number }>("SELECT count(*) AS count FROM answers").one().count,
  );

it("pushes the oldest out when there are too many", async () => {
  const userId = `usr_${crypto.randomUUID()}`;
  const answers = embeddedAnswers(env.METERS, userId);
  for (let at = 0; at < 510; at += 1) await answers.keep(`k${at}`, "x", 60 + at);
  expect(await rows(userId)).toBe(500);
  expect([await answers.recall("k0"), await answers.recall("k509")]).toEqual([null, "x"]);
});

it("forgets what has run out", async () => {
  const userId = `usr_${crypto.randomUUID()}`;
  at(Date.parse("2026-11-21T12:00:00Z"));
  await embeddedAnswers(env.METERS, userId).keep("k", "x", 60);
  vi.setSystemTime(Date.now() + 3_600_000);
  await runDurableObjectAlarm(meterOf(env.METERS, userId));
  expect(await rows(userId)).toBe(0);
});
