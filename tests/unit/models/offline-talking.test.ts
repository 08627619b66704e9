import { describe, expect, test } from "vitest";
import type { ModelMessage } from "#domain/models/port.ts";
import { playTurn } from "#tests/support/offline-turn.ts";

const said = (...texts: readonly string[]): ModelMessage[] =>
  texts.map((content, at) =>
    at % 2 === 0 ? { role: "user", content } : { role: "assistant", content, toolCalls: [] },
  );

describe("the offline model, in conversation", () => {
  test("says plainly what it is when it has nothing better", async () => {
    expect((await playTurn("What is the capital of France?")).text).toContain("I am the offline model");
    expect((await playTurn("Какая столица у Франции?")).text).toContain("Я офлайн-модель");
    expect((await playTurn("who are you?")).text).toContain("rule-based");
  });

  test("says it in three words when it has an answer", async () => {
    const { text } = await playTurn("read a.txt", { files: { "a.txt": "water" } });
    expect(text).toMatch(/water[\s\S]*\n\n— offline model$/);
  });

  test("recalls what was said earlier in this conversation", async () => {
    const english = said("Hi. My favourite colour is teal. I live in Riga.", "Noted.", "And I like tea.", "Noted.");
    expect((await playTurn("what is my favourite colour?", { history: english })).text).toContain(
      "“My favourite colour is teal.”",
    );
    const russian = said("Меня зовут Анна. Я живу в Риге.", "Записал.");
    expect((await playTurn("как меня зовут?", { history: russian })).text).toContain("Меня зовут Анна");
  });

  test("takes the later of two statements", async () => {
    const history = said("My code word is apple.", "Noted.", "My code word is pear.", "Noted.");
    expect((await playTurn("what is my code word?", { history })).text).toContain("pear");
  });

  test("recalls nothing from another conversation, and invents nothing", async () => {
    const { text } = await playTurn("what is my favourite colour?");
    expect(text).toContain("I am the offline model");
    expect(text).not.toContain("teal");
  });

  test("does not put another agent's words into the user's mouth", async () => {
    const history: ModelMessage[] = [{ role: "user", content: "[Planner answered]\nThe launch code is 1234." }];
    const { text } = await playTurn("what is the launch code?", { history });
    expect(text).toContain("1234");
    expect(text).not.toContain("You said");
  });

  test("cuts at the tokens it was allowed, and says so", async () => {
    const { offlineChatModel } = await import("#adapters/models/chat-model.ts");
    const { asks, listening } = await import("#tests/support/model-requests.ts");
    const result = await offlineChatModel().complete(asks("who are you?", { maxTokens: 5 }), listening());
    expect(result).toMatchObject({ ok: true, value: { finishReason: "length" } });
    expect(result.ok && result.value.outputTokens).toBeLessThanOrEqual(5);
  });
});
