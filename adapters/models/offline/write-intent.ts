// Understands "write X with Y" and «запиши в файл X: Y». What is to be written is taken exactly as asked: no polishing,
// no trailing newline of its own.
import { looksLikeFile, trimmed } from "./file-names.ts";

/** Where the content of a write comes from. */
export type WriteContent =
  | { readonly from: "request"; readonly text: string }
  | { readonly from: "summary" | "copy"; readonly path: string }
  | { readonly from: "append"; readonly text: string };

/** A wish to write; `content` null when it was not said what. */
export interface WriteIntent {
  readonly kind: "write";
  readonly path: string;
  readonly content: WriteContent | null;
}

const PATH = String.raw`(?:"(?<q1>[^"\n]+)"|'(?<q2>[^'\n]+)'|${"`"}(?<q3>[^${"`"}\n]+)${"`"}|«(?<q4>[^»\n]+)»|“(?<q5>[^”\n]+)”|(?<bare>[^\s:,"'«»“”]+))`;
const OPENING = String.raw`^\s*(?:please[,\s]+|(?:can|could|would)\s+you\s+(?:please\s+)?|пожалуйста[,\s]+|можешь\s+)?`;
const EN_VERB = "(?:write|create|make|save|overwrite|generate|add)";
const RU_VERB =
  "(?:запиши|запишите|записать|напиши|напишите|создай|создайте|создать|сохрани|сохраните|сделай|сделайте)";
const EN_NOUN = String.raw`(?<noun>(?:(?:a|an|the|new|empty|text)\s+)*(?:file\s+)?(?:called\s+|named\s+)?)`;
const RU_NOUN = String.raw`(?<noun>(?:в\s+)?(?:(?:новый|пустой|текстовый)\s+)*(?:файл[еа]?\s+)?(?:с\s+именем\s+|под\s+названием\s+)?)`;
const EN_WITH = String.raw`\s*(?:\s(?:with|containing|that\s+(?:says|contains|reads)|saying|which\s+says)(?=[\s:])|:)\s?(?:\s*:)?`;
const RU_WITH = String.raw`\s*(?:\s(?:с\s+(?:текстом|содержимым|содержанием)|со\s+(?:строкой|словами)|содержащий|текст)(?=[\s:])|:)\s?(?:\s*:)?`;

const NAMED_FIRST = [
  new RegExp(`${OPENING}${EN_VERB}\\s+(?:to\\s+)?${EN_NOUN}${PATH}(?:${EN_WITH}(?<content>[\\s\\S]*))?$`, "iu"),
  new RegExp(`${OPENING}${RU_VERB}\\s+${RU_NOUN}${PATH}(?:${RU_WITH}(?<content>[\\s\\S]*))?$`, "iu"),
];
const CONTENT_FIRST = [
  new RegExp(
    `${OPENING}(?:write|save|put|store)\\s+(?<content>[\\s\\S]+?)\\s+(?:in|to|into)\\s+(?:(?:a|the|new)\\s+)*(?:file\\s+)?(?:called\\s+|named\\s+)?${PATH}[.!]?\\s*$`,
    "iu",
  ),
  new RegExp(
    `${OPENING}${RU_VERB}\\s+(?<content>[\\s\\S]+?)\\s+в\\s+(?:новый\\s+)?(?:файл\\s+)?${PATH}[.!]?\\s*$`,
    "iu",
  ),
];
const APPEND = [
  new RegExp(
    `${OPENING}(?:append|add)\\s+(?:(?:the\\s+|a\\s+)?(?:line|text)\\s*:?\\s*)?(?<content>[\\s\\S]+?)\\s+to\\s+(?:the\\s+)?(?:end\\s+of\\s+)?(?:the\\s+)?(?:file\\s+)?${PATH}[.!]?\\s*$`,
    "iu",
  ),
  new RegExp(
    `${OPENING}(?:допиши|добавь)(?:те)?\\s+в\\s+(?:конец\\s+)?(?:файл[а]?\\s+)?${PATH}\\s*(?:строку|текст)?\\s*:\\s?(?<content>[\\s\\S]+)$`,
    "iu",
  ),
];
const DERIVED = [
  /^(?:a\s+|the\s+)?(?:short\s+|brief\s+)?(?<how>summary|copy|contents?)\s+of\s+(?<path>\S+?)[.!]?$/iu,
  /^(?:кратк(?:ое|им)\s+)?(?<how>содержани[ею]м?|копи[яюей]+)\s+(?:файла\s+)?(?<path>\S+?)[.!]?$/iu,
];
/** "the text: …", "content "…"": names of the content, not the content. */
const LABEL =
  /^(?:the\s+)?(?:following\s+)?(?:contents?|text|words?|lines?|текст(?:ом)?|строк[ау])\s*(?::\s?|(?=["'`«“]))|^the\s+(?:following\s+)?(?:text|words|line|content)\s+/iu;

/** Takes off one pair of quotes, or a code fence, that wraps the whole content. */
const unwrapped = (content: string): string => {
  const fence = /^\s*```[^\n]*\n([\s\S]*?\n?)```\s*$/.exec(content);
  if (fence) return fence[1] ?? "";
  const quote = /^\s*(?:"([^"]*)"|'([^']*)'|`([^`]*)`|«([^«»]*)»|“([^“”]*)”)\s*[.!]?\s*$/u.exec(content);
  return quote ? (quote.slice(1).find((group) => group !== undefined) ?? "") : content;
};

const pathOf = (groups: Record<string, string | undefined>): { path: string; quoted: boolean } => {
  const quoted = groups.q1 ?? groups.q2 ?? groups.q3 ?? groups.q4 ?? groups.q5;
  return quoted === undefined ? { path: trimmed(groups.bare ?? ""), quoted: false } : { path: quoted, quoted: true };
};

const contentOf = (raw: string): WriteContent => {
  for (const pattern of DERIVED) {
    const groups = pattern.exec(raw.trim())?.groups;
    const path = trimmed(groups?.path ?? "");
    if (groups && looksLikeFile(path))
      return { from: /^(?:summary|содержани)/i.test(groups.how ?? "") ? "summary" : "copy", path };
  }
  return {
    from: "request",
    text: unwrapped(
      raw
        .replace(LABEL, "")
        .replace(/^[ \t]*\r?\n/, "")
        .replace(/^[ \t]+/, ""),
    ),
  };
};

const firstMatch = (patterns: readonly RegExp[], text: string) => {
  for (const pattern of patterns) {
    const groups = pattern.exec(text)?.groups;
    if (groups) return groups;
  }
  return null;
};

/** The wish to write in this request, if there is one. */
export const writeIntent = (request: string): WriteIntent | null => {
  const appended = firstMatch(APPEND, request);
  if (appended) {
    const { path } = pathOf(appended);
    if (looksLikeFile(path))
      return { kind: "write", path, content: { from: "append", text: unwrapped(appended.content ?? "") } };
  }
  const named = firstMatch(NAMED_FIRST, request);
  if (named) {
    const { path, quoted } = pathOf(named);
    const calledFile = /file|файл|called|named|имен/i.test(named.noun ?? "");
    if (
      path !== "" &&
      (looksLikeFile(path) || (calledFile && (quoted || !/^(?:with|to|in|that|for|с|в|для)$/i.test(path))))
    ) {
      if (named.content !== undefined) return { kind: "write", path, content: contentOf(named.content) };
      const empty = /empty|пуст/i.test(named.noun ?? "");
      return { kind: "write", path, content: empty ? { from: "request", text: "" } : null };
    }
  }
  const reversed = firstMatch(CONTENT_FIRST, request);
  if (reversed) {
    const { path } = pathOf(reversed);
    if (looksLikeFile(path)) return { kind: "write", path, content: contentOf(reversed.content ?? "") };
  }
  return null;
};
