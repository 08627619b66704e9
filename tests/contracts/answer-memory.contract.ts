// What both hands of remembered answers promise.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AnswerMemory, LONGEST_KEPT_ANSWER } from "#domain/models/answer-memory.ts";

/** A hand under test, with a clock the suite can move. */
export interface AnswersUnderTest {
  readonly of: (userId: string) => AnswerMemory;
  /** Lets time pass for the hand and everything it keeps. */
  elapse(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** Runs the contract against a hand. */
export const answerMemoryContract = (name: string, make: () => Promise<AnswersUnderTest>): void => {
  describe(`remembered answers: ${name}`, () => {
    let made: AnswersUnderTest;
    let ada: AnswerMemory;
    beforeEach(async () => {
      made = await make();
      ada = made.of(`usr_${crypto.randomUUID()}`);
    });
    afterEach(() => made.close());

    test("come back as they were, whatever they hold, until their time is over", async () => {
      for (const answer of ['{"text":"ja, naïve 🙂"}', "123", "null", "\u0000\n"]) {
        await ada.keep("k", answer, 60);
        expect(await ada.recall("k")).toBe(answer);
      }
      await made.elapse(59_000);
      expect(await ada.recall("k")).not.toBeNull();
      await made.elapse(2_000);
      expect(await ada.recall("k")).toBeNull();
    });

    test("are not there before they were kept, and are of one question only", async () => {
      await ada.keep("a", "one", 60);
      expect(await ada.recall("b")).toBeNull();
      await ada.keep("a", "two", 60);
      expect(await ada.recall("a")).toBe("two");
    });

    test("are one user's, also under the same key", async () => {
      await ada.keep("k", "hers", 60);
      const eve = made.of(`usr_${crypto.randomUUID()}`);
      expect(await eve.recall("k")).toBeNull();
      await eve.keep("k", "another's", 60);
      expect(await ada.recall("k")).toBe("hers");
    });

    test("are not kept when they are too long", async () => {
      await ada.keep("k", "x".repeat(LONGEST_KEPT_ANSWER + 1), 60);
      expect(await ada.recall("k")).toBeNull();
    });
  });
};
