// Nothing that came from outside may steer the terminal it is shown on.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { harmless, harmlessJson, harmlessLine } from "#client/terminal/harmless.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
const DANGEROUS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u;

describe("harmless text", () => {
  it("shows escapes, controls and bidi overrides as marks", () => {
    expect(harmless("\u001b[2Jgone\u0007")).toBe("␛[2Jgone␇");
    expect(harmless("\u001b]52;c;ZXZpbA==\u0007")).toBe("␛]52;c;ZXZpbA==␇");
    expect(harmless("safe\rEVIL")).toBe("safe␍EVIL");
    expect(harmless("\u009b31m\u007f")).toBe("<U+009B>31m␡");
    expect(harmless("user\u202Etxt.exe")).toBe("user<U+202E>txt.exe");
  });

  it("leaves ordinary text of any language, tabs and line breaks as they are", () => {
    const text = "a\tb\nc – ü 名前 שלום 👩‍💻 é";
    expect(harmless(text)).toBe(text);
    expect(harmless("a\r\nb")).toBe("a\nb");
  });

  it("marks line breaks where there is one line only", () => {
    expect(harmlessLine("one\ntwo\tthree")).toBe("one␊two␉three");
  });

  it("never lets a control through, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(harmless(text)).not.toMatch(DANGEROUS);
        expect(harmlessLine(text)).not.toMatch(DANGEROUS);
      }),
    );
  });

  it("keeps JSON the same document", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ unit: "binary" }), (value, text) => {
        const json = harmlessJson({ value, text });
        expect(json).not.toMatch(DANGEROUS);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ value, text })));
      }),
    );
  });
});
