// Long texts in pieces.

const LINES = 60;
const PIECE = 4_000;

/** The first characters of a text, no more than so many lines of it, and never half a character. */
export const beginningOf = (text: string, cap: number): string => {
  const cut = text.length <= cap ? text : text.slice(0, cap).replace(/[\uD800-\uDBFF]$/, "");
  let end = -1;
  for (let line = 0; line < LINES; line += 1) {
    end = cut.indexOf("\n", end + 1);
    if (end < 0) return cut;
  }
  return cut.slice(0, end);
};

/** A text in pieces of bearable size, broken at line ends where there are any; joined by nothing but those they are the text. */
export const piecesOf = (text: string): readonly string[] => {
  const pieces: string[] = [];
  let at = 0;
  while (text.length - at > PIECE) {
    const lineEnd = text.lastIndexOf("\n", at + PIECE);
    if (lineEnd > at) {
      pieces.push(text.slice(at, lineEnd));
      at = lineEnd + 1;
      continue;
    }
    const half = /[\uD800-\uDBFF]/.test(text.charAt(at + PIECE - 1)) ? 1 : 0;
    pieces.push(text.slice(at, at + PIECE - half));
    at += PIECE - half;
  }
  pieces.push(text.slice(at));
  return pieces;
};

/** How much a text is: "120 lines, 34 kB". */
export const sizeText = (text: string): string => {
  let lines = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines += 1;
  const size = text.length < 1_000 ? `${text.length} characters` : `${Math.round(text.length / 100) / 10} kB`;
  return lines === 1 ? size : `${lines} lines, ${size}`;
};
