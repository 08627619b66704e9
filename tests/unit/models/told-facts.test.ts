// What the offline model understands of what somebody tells of themselves.
import { describe, expect, it } from "vitest";
import { factsTold, rememberRequest } from "#adapters/models/offline/told-facts.ts";

describe("facts are understood from", () => {
  it.each([
    [
      "My dog is called Rex. I work at Acme. My favourite tea is oolong.",
      { dog: "Rex", work: "Acme", favourite_tea: "oolong" },
    ],
    ["My name is Ada Lovelace and I live in Berlin.", { name: "Ada Lovelace", home: "Berlin" }],
    ["@Architect I prefer short answers.", { prefers_short_answers: "short answers" }],
    ["I have a cat named Tom", { cat: "Tom" }],
    ["Меня зовут Анна. Мой любимый чай — улун.", { name: "Анна", любимый_чай: "улун" }],
    ["Я живу в Казани, я работаю в Яндексе.", { home: "Казани", work: "Яндексе" }],
  ])("%s", (text, told) => {
    expect(Object.fromEntries(factsTold(text).map(({ key, value }) => [key, value]))).toEqual(told);
  });

  it.each(["What is my dog called?", "Do you know where I live?", "List the files.", "@Architect hello"])(
    "not from %s",
    (text) => {
      expect(factsTold(text)).toEqual([]);
    },
  );

  it("the very sentence is the quote", () => {
    const text = "Hello there! My dog is called Rex. Bye.";
    expect(factsTold(text)[0]?.quote).toBe("My dog is called Rex.");
  });
});

describe("a request to remember", () => {
  it("of a fact is a core memory under its key", () => {
    expect(rememberRequest("Remember that my dog is called Rex.")).toEqual({ type: "core", key: "dog", value: "Rex" });
    expect(rememberRequest("Запомни, что меня зовут Анна")).toEqual({ type: "core", key: "name", value: "Анна" });
  });

  it("of anything else is an associative one", () => {
    expect(rememberRequest("@Architect please remember: the spare key is with Bern")).toEqual({
      type: "associative",
      entity_type: "note",
      entity: "Bern",
      value: "the spare key is with Bern",
    });
  });

  it.each(["Do you remember my name?", "remember that time?", "What do you remember?"])("is not %s", (text) => {
    expect(rememberRequest(text)).toBeNull();
  });
});
