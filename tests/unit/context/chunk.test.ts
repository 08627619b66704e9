// A document's pieces: exact, complete, within bounds, and cut where a reader would pause.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chunk, LONGEST_PIECE, OVERLAP, type Piece } from "#domain/context/chunk.ts";

const ROOT = resolve(import.meta.dirname, "../../..");

/** What must hold for the pieces of any text. */
const checked = (text: string, isMarkdown = true): readonly Piece[] => {
  const pieces = chunk(text, isMarkdown);
  const covered = new Uint8Array(text.length);
  let last = -1;
  for (const piece of pieces) {
    expect(piece.text).toBe(text.slice(piece.from, piece.to));
    expect(piece.text).toBe(piece.text.trim());
    expect(piece.text.length).toBeGreaterThan(0);
    expect(piece.text.length).toBeLessThanOrEqual(LONGEST_PIECE);
    expect(piece.from).toBeGreaterThan(last);
    if (text.isWellFormed()) expect(piece.text.isWellFormed()).toBe(true);
    last = piece.from;
    covered.fill(1, piece.from, piece.to);
  }
  for (const [index, piece] of pieces.entries()) {
    const next = pieces[index + 1];
    if (next === undefined) continue;
    expect(next.to).toBeGreaterThan(piece.to);
    expect(piece.to - next.from).toBeLessThanOrEqual(OVERLAP);
  }
  for (let at = 0; at < text.length; at += 1) {
    if (covered[at] === 0 && !/\s/.test(text[at] ?? "")) throw new Error(`nothing holds character ${at}`);
  }
  return pieces;
};

const word = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });
const ending = fc.constantFrom(
  " ",
  " ",
  " ",
  ". ",
  "! ",
  "\n",
  "\r\n",
  "\n\n",
  "\r\n\r\n",
  "\n## ",
  "\n```\n",
  "。",
  "\t",
);
const prose = fc
  .array(fc.tuple(word, ending), { minLength: 0, maxLength: 900 })
  .map((parts) => parts.map(([one, other]) => one + other).join(""));

describe("the pieces of a text", () => {
  test("are exact slices within bounds that hold all of it, whatever it is", () => {
    fc.assert(
      fc.property(prose, fc.boolean(), (text, isMarkdown) => void checked(text, isMarkdown)),
      { numRuns: 150 },
    );
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 6_000 }), (text) => void checked(text)));
  });

  test.each([
    ["a line of a million letters", "x".repeat(1_000_000)],
    ["nothing but emoji", "👩‍👩‍👧‍👦🏳️‍🌈🎉".repeat(4_000)],
    ["emoji at odd places", `a${"🎉".repeat(5_000)}`],
    ["right-to-left text", "שלום עולם. هذا نص عربي طويل! ".repeat(400)],
    ["ideographs without a space", "今日はとても良い天気ですね。".repeat(600)],
    ["lines that end the Windows way", "A line of words that is not long.\r\n\r\nAnother one.\r\n".repeat(300)],
    ["a fence that is never closed", `\`\`\`ts\n${"const a = 1;\n".repeat(900)}`],
    ["two hundred thousand blank lines around a word", `${"\n".repeat(200_000)}word${"\n".repeat(200_000)}`],
  ])("hold for %s", (_, text) => {
    checked(text);
  });

  test("are none where there is nothing to find", () => {
    expect(chunk("", true)).toEqual([]);
    expect(chunk(" \r\n\t\n", false)).toEqual([]);
  });

  test("are one where the text is short, without the space around it", () => {
    expect(chunk("\n  Short.\n", true)).toEqual([{ text: "Short.", from: 3, to: 9, headings: [] }]);
  });

  test("begin at sections and know the headings above them", () => {
    const body = "Words that fill a section so that it is long enough to stand alone. ".repeat(10);
    const text = `# Guide\n\n${body}\n\n## Install\n\n${body}\n\n### Linux\n\n${body}\n\n## Use\n\n${body}\n`;
    const pieces = checked(text);
    expect(pieces.map(({ headings }) => headings)).toContainEqual(["Guide", "Install", "Linux"]);
    expect(pieces.at(-1)).toMatchObject({ headings: ["Guide", "Use"] });
    expect(pieces.at(-1)?.text).toMatch(/^## Use/);
  });

  test("take no line of code for a heading", () => {
    const text = `# Shell\n\n\`\`\`sh\n${"# a comment, not a heading\nmake all\n".repeat(100)}\`\`\`\n`;
    for (const { headings } of checked(text)) expect(headings).toEqual(["Shell"]);
  });

  test("take nothing for a heading in plain text", () => {
    expect(chunk("# not a heading\n\ntext", false)[0]?.headings).toEqual([]);
  });

  test("share how the last one ended, from the start of a sentence", () => {
    const text = Array.from({ length: 120 }, (_, at) => `Sentence number ${at} says something of its own.`).join(" ");
    const pieces = checked(text);
    expect(pieces.length).toBeGreaterThan(3);
    for (const [index, piece] of pieces.entries()) {
      expect(piece.text).toMatch(/^Sentence number \d+ says/);
      expect(piece.text).toMatch(/of its own\.$/);
      const next = pieces[index + 1];
      if (next !== undefined) expect(next.from).toBeLessThan(piece.to);
    }
  });

  test("of real documents are mostly of a size that says something", () => {
    const docs = join(ROOT, "docs");
    const sizes = readdirSync(docs)
      .filter((name) => name.endsWith(".md"))
      .flatMap((name) => checked(readFileSync(join(docs, name), "utf8")))
      .map(({ text }) => text.length);
    const middle = sizes.toSorted((one, other) => one - other)[Math.floor(sizes.length / 2)] ?? 0;
    expect(middle).toBeGreaterThan(700);
  });
});
