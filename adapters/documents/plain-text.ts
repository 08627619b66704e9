// Text as it is, when it is text. A byte order mark is taken off; bytes are UTF-8, or UTF-16 when they are marked so.
import { ok, type Result, refuse } from "#schema/result.ts";

const marked = (bytes: Uint8Array): string => {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return "utf-8";
};

/** The text, or why it is none. */
export const plainText = (content: string | Uint8Array): Result<string> => {
  if (typeof content === "string") return shown(content.replace(/^\uFEFF/, ""));
  try {
    return shown(new TextDecoder(marked(content), { fatal: true, ignoreBOM: false }).decode(content));
  } catch {
    return refuse("document_unreadable", "it is neither UTF-8 nor marked UTF-16: it may be a binary file");
  }
};

// Text holds no NUL; a binary file that happens to be valid UTF-8 nearly always does.
const shown = (text: string): Result<string> =>
  text.includes("\u0000")
    ? refuse("document_unreadable", "it holds NUL characters: it may be a binary file")
    : ok(text.toWellFormed());
