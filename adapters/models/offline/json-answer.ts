// Answers about a JSON file; a package.json is told as what it is: a project with a name, a version and scripts.
import { type Fields, fieldsIn, fieldsOf } from "./json-fields.ts";
import type { Phrases } from "./language.ts";
import { keywordsOf } from "./words.ts";

const stringAt = (fields: Fields, key: string): string | null => {
  const value = fields[key];
  return typeof value === "string" && value !== "" ? value : null;
};

const bullets = (title: string, value: unknown): string | null => {
  const entries = Object.entries(fieldsOf(value) ?? {});
  if (entries.length === 0) return null;
  return `${title}:\n${entries.map(([key, entry]) => `- \`${key}\`: ${typeof entry === "string" ? `\`${entry}\`` : JSON.stringify(entry)}`).join("\n")}`;
};

const project = (question: string, path: string, fields: Fields, say: Phrases): string | null => {
  const name = stringAt(fields, "name");
  if (name === null) return null;
  const description = stringAt(fields, "description");
  const title = `${say.project(path, name, stringAt(fields, "version"))}${description === null ? "." : `: ${description}`}`;
  const wantsScripts = /script|command|\brun\b|\bstart\b|\btest|\bbuild|скрипт|команд|запуст|запуск|сборк/i.test(
    question,
  );
  const wantsPackages = /depend|package[s]\b|librar|uses?\b|зависим|библиотек|пакет[ыо]|использ/i.test(question);
  const wantsLicense = /licen[sc]e|лицензи/i.test(question);
  const license = stringAt(fields, "license");
  return [
    title,
    wantsScripts || !wantsPackages ? bullets(say.scripts, fields.scripts) : null,
    wantsPackages
      ? bullets(say.dependencies, { ...fieldsOf(fields.dependencies), ...fieldsOf(fields.devDependencies) })
      : null,
    wantsLicense && license !== null ? `license: ${license}` : null,
  ]
    .filter((part) => part !== null)
    .join("\n\n");
};

/** Top-level fields, and fields one level down, whose name the question mentions. */
const mentioned = (topic: ReadonlySet<string>, fields: Fields, prefix = ""): string[] =>
  Object.entries(fields).flatMap(([key, value]) => {
    const spaced = key.replace(/([a-z])([A-Z])/g, "$1 $2").replace(/[_-]/g, " ");
    const hit = [...keywordsOf(spaced)].some((word) => topic.has(word));
    if (hit) return [`- \`${prefix}${key}\`: ${JSON.stringify(value)?.slice(0, 400) ?? ""}`];
    const inner = prefix === "" ? fieldsOf(value) : null;
    return inner === null ? [] : mentioned(topic, inner, `${key}.`);
  });

/** What the file says to this question; null when it is not a JSON object. */
export const describeJson = (
  question: string,
  topic: ReadonlySet<string>,
  path: string,
  text: string,
  say: Phrases,
): string | null => {
  const fields = fieldsIn(text);
  if (fields === null) return null;
  const told = /(?:^|\/)package\.json$/i.test(path) ? project(question, path, fields, say) : null;
  const hits = mentioned(topic, fields).filter(
    (line) =>
      !/^- `(?:name|version|description|scripts|dependencies|devDependencies|license)`/.test(line) || told === null,
  );
  if (told !== null) return hits.length === 0 ? told : `${told}\n\n${hits.slice(0, 8).join("\n")}`;
  if (hits.length > 0) return `${say.says(path)}\n${hits.slice(0, 12).join("\n")}`;
  return `${say.says(path)}\n${Object.entries(fields)
    .slice(0, 12)
    .map(([key, value]) => `- \`${key}\`: ${JSON.stringify(value)?.slice(0, 160) ?? ""}`)
    .join("\n")}`;
};
