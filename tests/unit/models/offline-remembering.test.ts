// The offline model, asked to remember: it calls the tool once, and then says so.
import { expect, test } from "vitest";
import { respond } from "#adapters/models/offline/respond.ts";

const tools = [{ type: "function", function: { name: "memory_write" } }];

test.each([
  ["Remember that I live in Lisbon", "I will remember: Lisbon"],
  ["Remember that I play the oboe", "I will remember: I play the oboe"],
  ["Запомни, что меня зовут Анна", "Запомнил: Анна"],
])("%s: one call, then the answer", (content, said) => {
  const question = { role: "user" as const, content };
  const [call, ...others] = respond({ model: "offline", tools, messages: [question] }).calls;
  if (call === undefined) throw new Error("nothing was called");
  expect(call.name).toBe("memory_write");
  expect(others).toEqual([]);

  const after = respond({
    model: "offline",
    tools,
    messages: [
      question,
      { role: "assistant", tool_calls: [{ id: call.id, function: { name: call.name, arguments: call.arguments } }] },
      { role: "tool", tool_call_id: call.id, content: "Kept in the user's memory." },
    ],
  });
  expect(after.calls).toEqual([]);
  expect(after.text).toContain(said);
  expect(after.text.split(said)).toHaveLength(2);
});
