import { describe, expect, test } from "vitest";
import { playTurn } from "#tests/support/offline-turn.ts";

const writes = (path: string, content: string): string => `write_file ${JSON.stringify({ path, content })}`;

describe("the offline model, asked to write", () => {
  test.each([
    ["write NOTES.md with hello world, twice.", "NOTES.md", "hello world, twice."],
    ["Write NOTES.md with: one\ntwo\n  three\n", "NOTES.md", "one\ntwo\n  three\n"],
    ["create file a.txt containing tea and bread", "a.txt", "tea and bread"],
    ["please create a new file called todo with buy milk", "todo", "buy milk"],
    ['Create file "my notes.txt" containing "a b c"', "my notes.txt", "a b c"],
    ["could you write notes/today.md with the text: it's fine", "notes/today.md", "it's fine"],
    ["write a.md with ```md\n# Title\n\ntext\n```", "a.md", "# Title\n\ntext\n"],
    ["save hello to out.txt", "out.txt", "hello"],
    ["create an empty file keep.txt", "keep.txt", ""],
    ["write text.md with text processing tips", "text.md", "text processing tips"],
    ["запиши в файл заметки.md: Привет, мир!\nвторая строка", "заметки.md", "Привет, мир!\nвторая строка"],
    ["создай файл план.txt с текстом «раз, два»", "план.txt", "раз, два"],
    ["напиши README.ru.md со словами привет", "README.ru.md", "привет"],
    ["write ../outside.txt with x", "../outside.txt", "x"],
  ])("%j writes exactly that", async (question, path, content) => {
    const { calls, text } = await playTurn(question);
    expect(calls).toEqual([writes(path, content)]);
    expect(text).toContain(path);
  });

  test("says what a refusal said, and does not ask again", async () => {
    for (const reason of [
      "Not done. The user rejected it: too long.",
      "Not done. Nobody answered in time, which counts as no. It was not done.",
      "Failed (read_only): This device only reads",
    ]) {
      const { calls, text } = await playTurn("write a.md with x", { refuse: { write_file: reason } });
      expect(calls).toHaveLength(1);
      expect(text).toContain("could not write a.md");
      expect(text).toContain(reason.replace(/^Failed \(\w+\): /, ""));
      expect(text).not.toContain("I wrote");
    }
  });

  test("does not call a write done that only may have been", async () => {
    for (const words of ["Outcome unknown. The device vanished.", "Put aside for review."]) {
      const { text } = await playTurn("write a.md with x", { refuse: { write_file: words } });
      expect(text).toContain(words);
      expect(text).not.toContain("I wrote");
    }
  });

  test("answers in Russian when asked in Russian, refusals too", async () => {
    const { text } = await playTurn("запиши в файл а.md: привет", { refuse: { write_file: "Not done. Нет." } });
    expect(text).toContain("Не удалось записать а.md");
  });

  test("asks what to write when it was not said", async () => {
    const { calls, text } = await playTurn("create a file called todo.md");
    expect(calls).toEqual([]);
    expect(text).toContain("What should todo.md contain?");
  });

  test("writes a summary of a file it reads first", async () => {
    const files = { "README.md": "# Lodge\n\nLodge books rooms.\n\n## Install\n\nRun it.\n" };
    const { calls } = await playTurn("write SUMMARY.md with a summary of README.md", { files });
    expect(calls[0]).toBe('read_file {"path":"README.md"}');
    expect(calls[1]).toContain("Lodge books rooms.");
    expect(calls).toHaveLength(2);
  });

  test("appends to what a file holds, and begins one that is not there", async () => {
    const there = await playTurn("append 'bye' to log.txt", { files: { "log.txt": "hello" } });
    expect(there.calls[1]).toBe(writes("log.txt", "hello\nbye\n"));
    const missing = await playTurn("append 'bye' to log.txt");
    expect(missing.calls[1]).toBe(writes("log.txt", "bye"));
  });

  test("never replaces a file it could not read, or saw only in part", async () => {
    const denied = await playTurn("append 'bye' to log.txt", { refuse: { read_file: "Failed (not_text): not UTF-8" } });
    expect(denied.calls).toEqual(['read_file {"path":"log.txt"}']);
    expect(denied.text).toContain("not UTF-8");
    const cut = await playTurn("append 'bye' to log.txt", {
      files: { "log.txt": "a long beginning\n[truncated: 90000 characters in all; the whole is artifact art_1]" },
    });
    expect(cut.calls).toHaveLength(1);
    expect(cut.text).toContain("did not write log.txt");
  });

  test("does not take a wish to write prose for a wish to write a file", async () => {
    for (const question of ["Write a poem about Node.js", "write me a letter to Ann", "напиши стихи о море"]) {
      expect((await playTurn(question)).calls).toEqual([]);
    }
  });
});
