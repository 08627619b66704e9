// Text from a model, a file or a server on its way to a terminal. A terminal obeys control characters: they can rewrite
// what was shown, hide what is being approved, or set the clipboard. So each is shown as a visible mark instead.
// Newline and tab stay; a line ending of CR LF becomes LF.

const CONTROL = 0x20;
const PICTURES = 0x2400;

const mark = (char: string): string => {
  const code = char.codePointAt(0) ?? 0;
  if (code < CONTROL) return String.fromCodePoint(PICTURES + code);
  if (code === 0x7f) return "\u2421";
  return `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
};

// C0 without \t \n, DEL, C1, the bidi marks, embeddings, overrides and isolates, line separators, invisible tag characters.
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** The text with every character a terminal would obey made visible. */
export const harmless = (text: string): string => text.replaceAll("\r\n", "\n").replace(UNSAFE, mark);

/** The same for a place that has one line only: newlines and tabs are marked too. */
export const harmlessLine = (text: string): string => harmless(text).replace(/[\n\t]/g, mark);

/** JSON for a terminal: the same document, with what JSON leaves bare (DEL, C1, bidi) written as escapes. */
export const harmlessJson = (value: unknown, indent?: number): string =>
  (JSON.stringify(value, null, indent) ?? "null").replace(UNSAFE, (char) =>
    [...Array(char.length).keys()].map((i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, "0")}`).join(""),
  );
