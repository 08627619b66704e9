// Bytes to text, by the charset a page has: its byte order mark, its header, its own declaration, or else UTF-8 when that fits
// and what old pages mean when it does not. Characters nobody can see are left out: they carry hidden words to a model.

const DECLARED =
  /<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})|^<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:-]{1,40})/i;
const LOOK_INTO = 2_048;

/** Tag characters, direction overrides, zero-width fillers and control characters; what joins letters and emoji stays. */
const UNSEEN = /[\u{E0000}-\u{E007F}\u200B\u2060-\u2064\uFEFF\u202A-\u202E\u2066-\u2069]|(?![\n\t])\p{Cc}/gu;

const decoderOf = (label: string, fatal: boolean): TextDecoder | null => {
  try {
    return new TextDecoder(label, { fatal, ignoreBOM: false });
  } catch {
    return null;
  }
};

const marked = (bytes: Uint8Array): string | null => {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return "utf-8";
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return null;
};

/** What the page says of itself; a page that can be read as ASCII so far is not UTF-16, whatever it says. */
const declared = (bytes: Uint8Array): string | null => {
  const found = DECLARED.exec(new TextDecoder("latin1").decode(bytes.subarray(0, LOOK_INTO)));
  const label = found?.[1] ?? found?.[2] ?? null;
  return label !== null && /^utf-?16/i.test(label) ? "utf-8" : label;
};

/** The text of a body. `cut` bodies may end inside a character. */
export const decodeText = (bytes: Uint8Array, charset: string | null, cut: boolean): string => {
  const label = marked(bytes) ?? charset ?? declared(bytes);
  const known = label === null ? null : decoderOf(label, false);
  const text = known === null ? guessed(bytes, cut) : known.decode(bytes, { stream: cut });
  return text.replaceAll(/\r\n?/g, "\n").replaceAll(UNSEEN, "").toWellFormed();
};

const guessed = (bytes: Uint8Array, cut: boolean): string => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes, { stream: cut });
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
};
