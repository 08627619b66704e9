// An answer to a question about one file, made only of what stands in the file.
import { bestSentences, sentencesOf } from "./extract.ts";
import { describeJson } from "./json-answer.ts";
import type { Phrases } from "./language.ts";
import { keywordsOf } from "./words.ts";

const WHOLE_LIMIT = 3_000;
const CODE = /\.(?:[cm]?[jt]sx?|py|go|rs|java|kt|rb|php|c|h|cpp|cs|swift|sh)$/i;
const DEFINITION =
  /^\s*(?:export\s+)?(?:default\s+)?(?:public\s+|private\s+|static\s+|abstract\s+|async\s+|pub\s+)*(?:function\*?|class|interface|type|enum|const|let|def|fn|func|struct|trait|impl)\s+([A-Za-z_$][\w$]*)/;
const SHOWS =
  /\b(?:read|show|open|print|cat|display|quote|contents?|output|dump)\b|прочит|прочти|покажи|открой|выведи|содерж/i;
/** Words of a request that say how to answer, not about what. */
const MANNER =
  /\b(?:summari[sz]e|summary|explain|describe|overview|contents?|quote|mean|purpose|main|brief|short)\w*|кратк\w*|объясни\w*|опиши\w*|перескажи\w*|содерж\S*/gi;

const fenced = (text: string): string => `\`\`\`\n${text.replace(/\n$/, "")}\n\`\`\``;

const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** What the question is about, without the file's own name and the manner of answering. */
const topicOf = (question: string, path: string): ReadonlySet<string> => {
  const named = keywordsOf(`${path} ${baseName(path)}`);
  return new Set(
    [...keywordsOf(question.replaceAll(path, " ").replace(MANNER, " "))].filter((word) => !named.has(word)),
  );
};

const opening = (text: string): string => {
  const title = /^\s*#{1,6}\s+(.+)$/m.exec(text)?.[1];
  const first = sentencesOf(text).slice(0, 3).join(" ");
  return [title === undefined ? "" : `**${title.trim()}**`, first].filter((part) => part !== "").join(" — ");
};

const sections = (text: string): string[] =>
  [...text.replace(/```[\s\S]*?```/g, "").matchAll(/^##\s+(.+)$/gm)]
    .map((match) => (match[1] ?? "").trim())
    .slice(0, 20);

const definitions = (text: string): string[] =>
  text.split("\n").flatMap((line) => {
    const name = /^\s{4,}/.test(line) ? undefined : DEFINITION.exec(line)?.[1];
    return name === undefined ? [] : [name];
  });

const leadingComment = (text: string): string => {
  const lines = text.split("\n");
  const end = lines.findIndex((line) => !/^\s*(?:\/\/|\/\*|\*|#(?!include)|"""|--)/.test(line));
  return lines
    .slice(0, end < 0 ? lines.length : end)
    .map((line) => line.replace(/^\s*(?:\/\/+|\/\*+|\*+\/?|#+!?|"""|--)\s?/, "").trim())
    .filter((line) => line !== "" && !line.startsWith("/"))
    .join(" ");
};

const codeAnswer = (path: string, text: string, say: Phrases): string => {
  const comment = leadingComment(text);
  const names = [...new Set(definitions(text))].slice(0, 30);
  const parts = [
    comment === "" ? "" : `${say.says(path)} ${comment}`,
    names.length === 0 ? "" : `${say.defines} ${names.map((name) => `\`${name}\``).join(", ")}`,
  ].filter((part) => part !== "");
  return parts.length > 0 ? parts.join("\n\n") : `${say.begins(path)}\n${fenced(text.slice(0, 800))}`;
};

/** A short account of a text: its title, its first sentences, its sections. */
export const summaryOf = (path: string, text: string, say: Phrases): string => {
  const headings = sections(text);
  return (
    [opening(text), headings.length === 0 ? "" : `${say.sections} ${headings.join(", ")}`]
      .filter((part) => part !== "")
      .join("\n\n") || `${say.begins(path)}\n${fenced(text.slice(0, 800))}`
  );
};

/** Answers `question` from the file. */
export const answerFromFile = (question: string, path: string, text: string, say: Phrases): string => {
  if (text.trim() === "") return say.emptyFile(path);
  const topic = topicOf(question, path);
  const shows = SHOWS.test(question);
  if (/\.json$/i.test(path) && !(shows && topic.size === 0)) {
    const described = describeJson(question, topic, path, text, say);
    if (described !== null) return described;
  }
  if (topic.size > 0) {
    const found = bestSentences(topic, sentencesOf(text), 3, topic.size > 2 ? 0.3 : 0.5);
    if (found.length > 0) return `${say.says(path)}\n${found.map((sentence) => `> ${sentence}`).join("\n")}`;
  }
  if (shows && text.length <= WHOLE_LIMIT) return `${say.contains(path)}\n${fenced(text)}`;
  if (shows) return `${say.begins(path)}\n${fenced(text.slice(0, WHOLE_LIMIT))}`;
  const account = CODE.test(path) ? codeAnswer(path, text, say) : `${say.says(path)} ${summaryOf(path, text, say)}`;
  return topic.size > 0 && !CODE.test(path) ? `${say.notFound(path)}\n\n${account}` : account;
};
