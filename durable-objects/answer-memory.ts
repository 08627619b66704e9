// The embedded hand of remembered answers: the user's own meter, so that nobody else's question can ever find them.
import type { AnswerMemory } from "#domain/models/answer-memory.ts";
import { meterOf } from "./stubs.ts";

/** A user's remembered answers. `userId` comes from a space's own owner. */
export const embeddedAnswers = (meters: Cloudflare.Env["METERS"], userId: string): AnswerMemory => ({
  recall: async (key) => await meterOf(meters, userId).recallAnswer(userId, key),
  keep: async (key, answer, ttlSeconds) => await meterOf(meters, userId).keepAnswer(userId, key, answer, ttlSeconds),
});
