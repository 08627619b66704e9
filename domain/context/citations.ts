// Which of the things it was shown an answer rests on, as it says itself: by their numbers in square brackets. Brackets of
// code, of links and of what nobody was shown are none.
import type { RetrievedItem } from "#schema/events/context.ts";
import type { Citation } from "#schema/events/rooms.ts";

const NUMBERS = /\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]/g;
/** Right before a bracket: an element of something, the end of a call, an image, an escape. */
const BELONGS_TO = /[\p{L}\p{N}_$)\]!\\]/u;

const withoutFences = (text: string): string => {
  let fence: string | null = null;
  return text
    .split("\n")
    .map((line) => {
      const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
      if (fence === null) {
        if (mark === undefined) return line;
        fence = mark;
        return "";
      }
      if (mark?.startsWith(fence) && line.trim() === mark) fence = null;
      return "";
    })
    .join("\n");
};

// A run of backticks ends at the next run of the same length; one without its end is plain text.
const withoutSpans = (text: string): string => {
  let left = "";
  for (let at = 0; at < text.length; ) {
    const ticks = /^`+/.exec(text.slice(at, at + 64))?.[0];
    if (ticks === undefined) {
      const next = text.indexOf("`", at);
      left += text.slice(at, next < 0 ? text.length : next);
      at = next < 0 ? text.length : next;
      continue;
    }
    const end = new RegExp(`(?<!\`)\`{${ticks.length}}(?!\`)`, "g");
    end.lastIndex = at + ticks.length;
    const closed = end.exec(text);
    left += closed === null ? ticks : " ";
    at = closed === null ? at + ticks.length : closed.index + ticks.length;
  }
  return left;
};

/** The numbers an answer cites, in the order of their first use. */
export const citedNumbers = (answer: string): number[] => {
  const text = withoutSpans(withoutFences(answer));
  const cited = new Set<number>();
  let endOfLast = -1;
  for (const match of text.matchAll(NUMBERS)) {
    const end = match.index + match[0].length;
    const before = text[match.index - 1] ?? " ";
    const after = text[end] ?? " ";
    const standsAlone = endOfLast === match.index || !BELONGS_TO.test(before);
    const isLink = after === "(" || (after === ":" && (match.index === 0 || before === "\n"));
    if (!standsAlone || isLink || /[\p{L}\p{N}_]/u.test(after)) continue;
    endOfLast = end;
    for (const number of (match[1] ?? "").split(/[,;]/)) cited.add(Number(number));
  }
  return [...cited];
};

/** Exactly what the answer cites of what was shown, in the order of the numbers. `shown` is asked only if there is a number. */
export const citationsIn = (answer: string, shown: () => readonly RetrievedItem[]): Citation[] => {
  const numbers = new Set(citedNumbers(answer));
  if (numbers.size === 0) return [];
  return shown()
    .filter(({ n }) => numbers.has(n))
    .sort((one, other) => one.n - other.n)
    .map(({ score: _score, ...citation }) => citation);
};
