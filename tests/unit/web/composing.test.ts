// Writing to agents, finding commands, and keys: the small decisions behind what is typed.
import { describe, expect, it } from "vitest";
import { connectCommands } from "#client/cli/connect-words.ts";
import { sessionTitle } from "#client/sdk/session-title.ts";
import { beginningOf, piecesOf, sizeText } from "#web/markdown/pieces.ts";
import { addressed, completeMention, mentionAt, namesFor } from "#web/pages/chat/mention.ts";
import { innerPath } from "#web/routes/inner-path.ts";
import { rankCommands } from "#web/shell/rank-commands.ts";
import { pressKey } from "#web/shell/shortcuts.ts";

describe("a mention", () => {
  it.each([
    ["@", 1, ""],
    ["@Cod", 4, "Cod"],
    ["ask @Ar", 7, "Ar"],
    ["(@Da", 4, "Da"],
  ])("is seen in %j at %i", (text, cursor, typed) => {
    expect(mentionAt(text, cursor)?.typed).toBe(typed);
  });

  it.each(["me@example", "@1", "a @b c"])("is not seen at the end of %j", (text) => {
    expect(mentionAt(text, text.length)).toBeNull();
  });

  it("is completed in place, and the cursor stands behind it", () => {
    const mention = mentionAt("hey @cod, look", 8);
    expect(mention === null ? null : completeMention("hey @cod, look", mention, "CodeAssistant")).toEqual({
      text: "hey @CodeAssistant , look",
      cursor: 19,
    });
  });

  it("takes the place of the one a text began with", () => {
    expect(addressed("hello", "Architect")).toBe("@Architect hello");
    expect(addressed(" @bob, hello", "Architect")).toBe("@Architect hello");
  });

  it("offers names that begin so before those that hold it", () => {
    expect(namesFor("a", ["DataAnalyst", "Architect", "Bob"])).toEqual(["Architect", "DataAnalyst"]);
  });
});

describe("a chat's title", () => {
  it.each([
    ["@CodeAssistant what is **this**?\nand that", "What is this?"],
    ["# What is in `data_2024.csv`", "What is in data_2024.csv"],
    ["   ", "New chat"],
    ["word ".repeat(30), `W${"word ".repeat(12).trim().slice(1)}…`],
  ])("of %j is %j", (content, title) => {
    expect(sessionTitle(content)).toBe(title);
  });
});

describe("commands", () => {
  const labels = (query: string) =>
    rankCommands(query, [
      { label: "New chat" },
      { label: "Go to Approvals" },
      { label: "New project…", also: "folder" },
    ]).map(({ label }) => label);
  it("are found by their beginnings, by scattered letters and by other words", () => {
    expect(labels("")).toHaveLength(3);
    expect(labels("appr")).toEqual(["Go to Approvals"]);
    expect(labels("np")[0]).toBe("New project…");
    expect(labels("folder")).toEqual(["New project…"]);
    expect(labels("zzz")).toEqual([]);
  });
});

describe("keys", () => {
  const press = (key: string, at: number, typing = false) => ({ key, mod: false, typing, at });
  it("g and a letter go somewhere, unless one types or takes too long", () => {
    const { pending } = pressKey(null, press("g", 0));
    expect(pressKey(pending, press("c", 500)).does).toEqual({ kind: "go", key: "c" });
    expect(pressKey(pending, press("c", 5_000)).does).toBeUndefined();
    expect(pressKey(pending, press("c", 500, true)).does).toBeUndefined();
  });
  it("ask for help, and lead into the page's field, unless one types", () => {
    expect(pressKey(null, press("?", 0)).does).toEqual({ kind: "help" });
    expect(pressKey(null, press("/", 0)).does).toEqual({ kind: "field" });
    expect(pressKey(null, press("?", 0, true)).does).toBeUndefined();
    expect(pressKey(null, press("/", 0, true)).does).toBeUndefined();
  });
  it("open the palette also while one types", () => {
    expect(pressKey(null, { key: "k", mod: true, typing: true, at: 0 }).does).toEqual({ kind: "palette" });
  });
});

describe("the address to go to after signing in", () => {
  it.each(["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", undefined])(
    "is never %j",
    (next) => expect(innerPath(next)).toBe("/"),
  );
  it.each(["/\t/evil.example", "/\n/evil.example", "/\u0000x", "/p x"])(
    "is not what a browser would read otherwise: %j",
    (next) => expect(innerPath(next)).toBe("/"),
  );

  it("is one of ours", () => expect(innerPath("/p/proj_1/chat")).toBe("/p/proj_1/chat"));
});

describe("the commands to connect a folder", () => {
  const here = { origin: "https://r.example", email: "ada@example.com", projectId: "proj_1", isDefaultProject: false };
  it("name this server, this account and this project", () => {
    expect(connectCommands(here)).toEqual({
      login: "RETINUE_URL=https://r.example npm run -s retinue -- login ada@example.com",
      connect: "RETINUE_URL=https://r.example RETINUE_PROJECT=proj_1 npm run -s retinue -- connect ./your/folder",
    });
  });
  it("quote what a shell would take for something else", () => {
    expect(connectCommands({ ...here, email: "a'b;rm@example.com" }).login).toContain("login 'a'\\''b;rm@example.com'");
  });
});

describe("long texts", () => {
  it("of one line of 100 kB come in bearable pieces that are the text again, no character halved", () => {
    const text = "😀".repeat(50_000);
    const pieces = piecesOf(text);
    expect(pieces.join("")).toBe(text);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(4_000);
    expect(pieces.every((piece) => piece.isWellFormed())).toBe(true);
    expect(beginningOf(text, 4_001).isWellFormed()).toBe(true);
  });
  it("of many lines break at line ends", () => {
    const text = Array.from({ length: 900 }, (_, line) => `line ${line}`).join("\n");
    expect(piecesOf(text).join("\n")).toBe(text);
    expect(beginningOf(text, 100_000).split("\n")).toHaveLength(60);
    expect(sizeText(text)).toBe("900 lines, 8 kB");
  });
});
