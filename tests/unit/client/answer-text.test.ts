// What a reader sees of a streamed answer agrees with what is stored, whatever got lost on the way.
import { describe, expect, it } from "vitest";
import { AnswerText, type Print } from "#client/cli/answer-text.ts";

const show = (prints: Print[]): string =>
  prints.map((print) => (print.kind === "text" ? print.text : print.kind === "break" ? "|" : "#")).join("");
const piece = (message_id: string, offset: number, text: string) => ({ message_id, offset, text });

describe("a streamed answer", () => {
  it("is printed as it comes and not again when it is stored", () => {
    const text = new AnswerText();
    const prints = [
      text.delta(piece("m1", 0, "Hel")),
      text.delta(piece("m1", 3, "lo")),
      text.stand(null),
      text.final("m1", "Hello"),
    ];
    expect(show(prints.flat())).toBe("Hello|");
  });

  it("is completed from the stored text when pieces were lost", () => {
    const text = new AnswerText();
    const prints = [
      text.delta(piece("m1", 0, "Hel")),
      text.delta(piece("m1", 9, "ld")),
      text.delta(piece("m1", 3, "never")),
      text.final("m1", "Hello world"),
    ];
    expect(show(prints.flat())).toBe("Hello world|");
  });

  it("is printed whole when no piece came", () => {
    expect(show(new AnswerText().final("m1", "Hello"))).toBe("Hello|");
  });

  it("does not count a piece that comes twice", () => {
    const text = new AnswerText();
    expect(
      show([
        ...text.delta(piece("m1", 0, "ab")),
        ...text.delta(piece("m1", 0, "ab")),
        ...text.delta(piece("m1", 2, "c")),
      ]),
    ).toBe("abc");
  });

  it("begins again, marked, when an attempt failed", () => {
    const text = new AnswerText();
    const prints = [
      text.delta(piece("m1", 0, "wro")),
      text.discard("m1"),
      text.delta(piece("m2", 0, "right")),
      text.final("m2", "right"),
    ];
    expect(show(prints.flat())).toBe("wro#right|");
  });

  it("begins again, marked, when the server was restarted and nobody withdrew the old attempt", () => {
    const text = new AnswerText();
    expect(
      show([
        ...text.delta(piece("m1", 0, "wro")),
        ...text.delta(piece("m2", 0, "right")),
        ...text.final("m2", "right"),
      ]),
    ).toBe("wro#right|");
  });

  it("keeps what was said before a tool was used", () => {
    const text = new AnswerText();
    const prints = [
      text.delta(piece("m1", 0, "Let me look.")),
      text.stand("Let me look."),
      text.delta(piece("m2", 0, "It is A.")),
      text.stand(null),
      text.final("m2", "It is A."),
    ];
    expect(show(prints.flat())).toBe("Let me look.|It is A.|");
  });

  it("is corrected, marked, when the stored text is another", () => {
    const text = new AnswerText();
    expect(show([...text.delta(piece("m1", 0, "abc")), ...text.final("m1", "xyz")])).toBe("abc#xyz|");
  });
});
