// What a text says of its own structure: where its lines, paragraphs and sections begin. Read once, front to back.

/** How good a place is to begin a new piece at: a section before a paragraph before a line. */
export type LineKind = "heading" | "paragraph" | "line" | "code";

/** One line. */
export interface OutlineLine {
  readonly at: number;
  readonly kind: LineKind;
  /** Of a heading: 1 is outermost. */
  readonly level: number;
  readonly title: string;
}

const LINE = /[^\r\n]*(?:\r\n|\r|\n|$)/g;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const HEADING = /^ {0,3}(#{1,6})[ \t]+(.{0,200}?)[ \t]*#*[ \t]*$/;

/** The lines of a text. In plain text no line is a heading and nothing is code. */
export const outlineOf = (text: string, isMarkdown: boolean): readonly OutlineLine[] => {
  const lines: OutlineLine[] = [];
  let fence: string | null = null;
  let afterBlank = true;
  for (const found of text.matchAll(LINE)) {
    const at = found.index;
    if (at === text.length) break;
    const line = found[0].replace(/[\r\n]+$/, "");
    const mark = isMarkdown ? (FENCE.exec(line)?.[1] ?? null) : null;
    const heading = isMarkdown && fence === null ? HEADING.exec(line) : null;
    const blank = line.trim() === "";
    if (heading !== null) {
      lines.push({ at, kind: "heading", level: heading[1]?.length ?? 1, title: heading[2]?.trim() ?? "" });
    } else if (fence !== null) {
      lines.push({ at, kind: "code", level: 0, title: "" });
    } else if (!blank) {
      lines.push({ at, kind: afterBlank || mark !== null ? "paragraph" : "line", level: 0, title: "" });
    }
    if (fence === null) fence = mark;
    else if (mark?.startsWith(fence) === true && line.trim() === mark) fence = null;
    afterBlank = blank;
  }
  return lines;
};

/** Walks down an outline and knows which headings stand above a place; places are asked for in rising order. */
export class HeadingTrail {
  readonly #lines: readonly OutlineLine[];
  #next = 0;
  #open: OutlineLine[] = [];

  constructor(lines: readonly OutlineLine[]) {
    this.#lines = lines.filter(({ kind }) => kind === "heading");
  }

  /** The headings above a place, or that begin there; outermost first. */
  at(place: number): readonly string[] {
    for (let line = this.#lines[this.#next]; line !== undefined && line.at <= place; line = this.#lines[this.#next]) {
      const { level } = line;
      this.#open = [...this.#open.filter((above) => above.level < level), line];
      this.#next += 1;
    }
    return this.#open.map(({ title }) => title).filter((title) => title !== "");
  }
}
