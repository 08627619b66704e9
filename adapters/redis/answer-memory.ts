// The Upstash hand of remembered answers. A user's keys stand under the user's own prefix.
import { type AnswerMemory, LONGEST_KEPT_ANSWER } from "#domain/models/answer-memory.ts";
import { asking, connect } from "./connection.ts";
import type { UpstashSettings } from "./short-state.ts";

const DEADLINE_MS = 500;

/** Remembered answers in Redis, by user. */
export const upstashAnswers = (settings: Pick<UpstashSettings, "url" | "token" | "prefix" | "deadlineMs">) => {
  const { url, token, prefix = "retinue", deadlineMs = DEADLINE_MS } = settings;
  const redis = connect({ url, token, deadlineMs });
  return (userId: string): AnswerMemory => {
    const named = (key: string): string => `${prefix}:user:${userId}:answer:${key}`;
    return {
      recall: (key) => asking("recall of an answer", async () => (await redis.get<string>(named(key))) ?? null),
      keep: async (key, answer, ttlSeconds) => {
        if (answer.length > LONGEST_KEPT_ANSWER) return;
        await asking("keeping of an answer", () => redis.set(named(key), answer, { ex: Math.ceil(ttlSeconds) }));
      },
    };
  };
};
