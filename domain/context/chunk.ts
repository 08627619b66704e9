// A document's text into pieces that can be found one by one. Every piece is an exact slice of the text; together they hold
// every word of it; what stood at a seam stands in both neighbours. A piece ends where a reader would pause: before a
// section, a paragraph, a line, a sentence, a word, and only then anywhere; never inside a character.
import { HeadingTrail, type OutlineLine, outlineOf } from "./outline.ts";

/** A slice of a text, `text.slice(from, to)`. */
export interface Piece {
  readonly text: string;
  /** UTF-16 code units. */
  readonly from: number;
  readonly to: number;
  /** The headings above it, outermost first. */
  readonly headings: readonly string[];
}

/** No piece is longer. */
export const LONGEST_PIECE = 1_600;
/** What neighbours share at most. */
export const OVERLAP = 200;
/** From here on a piece may end, by what begins there. A section may end one early: what is one thing stays together. */
const EARLIEST = { heading: 500, paragraph: 1_000, line: 1_100, sentence: 1_000, word: 800 } as const;

/** A last section is a piece of its own when it is at least this long. */
const SHORTEST_LAST = 300;

const SENTENCE_END = /[.!?…。！？](?:["'»”)\]]*)\s+|[。！？]/gu;
const SPACE = /\s/;
const isSpace = (text: string, at: number): boolean => SPACE.test(text[at] ?? "x");

/** The pieces of a text, in its order. */
export const chunk = (text: string, isMarkdown: boolean): readonly Piece[] => {
  const lines = outlineOf(text, isMarkdown);
  const trail = new HeadingTrail(lines);
  const pieces: Piece[] = [];
  const end = text.trimEnd().length;
  let from = skipSpace(text, 0, end);
  let line = 0;
  while (from < end) {
    while ((lines[line]?.at ?? end) <= from) line += 1;
    const cut = endOf(text, from, end, lines, line);
    const to = from + text.slice(from, cut.at).trimEnd().length;
    pieces.push({ text: text.slice(from, to), from, to, headings: trail.at(from) });
    if (cut.at >= end) break;
    // A new section begins on its own; everything else takes along how the last piece ended.
    const next = cut.isHeading ? cut.at : startWithin(text, Math.max(cut.at - OVERLAP, from + 1), cut.at);
    from = skipSpace(text, next, end);
    line = Math.max(0, line - 1);
    while (line > 0 && (lines[line]?.at ?? 0) > from) line -= 1;
  }
  return pieces;
};

/** Where the piece that begins at `from` ends. */
const endOf = (
  text: string,
  from: number,
  end: number,
  lines: readonly OutlineLine[],
  first: number,
): { readonly at: number; readonly isHeading: boolean } => {
  const last: Partial<Record<keyof typeof EARLIEST, number>> = {};
  for (let index = first; ; index += 1) {
    const line = lines[index];
    if (line === undefined || line.at - from > LONGEST_PIECE || line.at >= end) break;
    const kind = line.kind === "code" ? "line" : line.kind;
    if (line.at - from >= EARLIEST[kind]) last[kind] = line.at;
  }
  const isLast = end - from <= LONGEST_PIECE;
  if (last.heading !== undefined && (!isLast || end - last.heading >= SHORTEST_LAST))
    return { at: last.heading, isHeading: true };
  if (isLast) return { at: end, isHeading: false };
  if (last.paragraph !== undefined) return { at: last.paragraph, isHeading: false };
  const at = last.line ?? lastSentence(text, from) ?? lastWord(text, from) ?? whole(text, from + LONGEST_PIECE);
  return { at, isHeading: false };
};

const lastSentence = (text: string, from: number): number | undefined => {
  const start = from + EARLIEST.sentence;
  let found: number | undefined;
  for (const match of text.slice(start, from + LONGEST_PIECE).matchAll(SENTENCE_END))
    found = start + match.index + match[0].length;
  return found;
};

const lastWord = (text: string, from: number): number | undefined => {
  for (let at = from + LONGEST_PIECE; at > from + EARLIEST.word; at -= 1) if (isSpace(text, at - 1)) return at;
  return undefined;
};

/** Where, between two places, a reader could begin: a line, a sentence, a word, or else the first place there is. */
const startWithin = (text: string, from: number, to: number): number => {
  const part = text.slice(from, to);
  const newline = /[\r\n]+(?=[^\r\n])/.exec(part);
  if (newline !== null) return from + newline.index + newline[0].length;
  for (const match of part.matchAll(SENTENCE_END)) {
    const at = match.index + match[0].length;
    if (at < part.length) return from + at;
  }
  const space = /\s+(?=\S)/.exec(part);
  return space === null ? from + (cutsPair(text, from) ? 1 : 0) : from + space.index + space[0].length;
};

/** A place, or the one before it when a character would be cut in two. */
const whole = (text: string, at: number): number => (cutsPair(text, at) ? at - 1 : at);

const cutsPair = (text: string, at: number): boolean => {
  const before = text.charCodeAt(at - 1);
  const after = text.charCodeAt(at);
  return before >= 0xd800 && before < 0xdc00 && after >= 0xdc00 && after < 0xe000;
};

const skipSpace = (text: string, from: number, end: number): number => {
  let at = from;
  while (at < end && isSpace(text, at)) at += 1;
  return at;
};
