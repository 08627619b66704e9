// Facts that somebody tells of themselves, by rules: "My name is …", "My dog is called …", "I work at …", "Меня зовут …".
// English and Russian. A question tells nothing, and what no rule understands is left alone.
import { sentencesOf } from "./extract.ts";

/** One fact, and the words it was told in. */
export interface ToldFact {
  readonly key: string;
  readonly value: string;
  /** What it is about, where it is a thing with a name. */
  readonly entity: string | null;
  readonly entityType: string | null;
  readonly quote: string;
}

type Rule = readonly [
  pattern: RegExp,
  read: (groups: readonly string[]) => { key: string; value: string; entity?: string; entityType?: string } | null,
];

const keyed = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, 60);

const first = (text: string, count: number): string => text.split(/\s+/).slice(0, count).join(" ");

const VALUE = "([^,;]{1,120}?)";
const END = "(?=\\s*(?:[,;]|\\.?$|\\s(?:and|и)\\s(?:i|my|я|мо[йяёи])\\s))";
const rule = (source: string, read: Rule[1]): Rule => [new RegExp(`(?:^|[\\s,;])${source}${END}`, "iu"), read];

const one =
  (key: string) =>
  ([value = ""]: readonly string[]) => ({ key, value });

const named = ([thing = "", name = ""]: readonly string[]) => ({
  key: keyed(thing),
  value: name,
  entity: name,
  entityType: thing.toLowerCase(),
});

const RULES: readonly Rule[] = [
  rule(`my (?:full |first )?name(?: is|'s) ${VALUE}`, one("name")),
  rule(`(?:i am|i'm) called ${VALUE}`, one("name")),
  rule(`i live in ${VALUE}`, one("home")),
  rule(`(?:i am|i'm) from ${VALUE}`, one("origin")),
  rule(`i work (?:at|for) ${VALUE}`, one("work")),
  rule(`i work as (?:an? )?${VALUE}`, one("occupation")),
  rule(`i prefer ${VALUE}`, ([what = ""]) => ({ key: `prefers_${keyed(first(what, 3))}`, value: what })),
  rule(`i (?:really )?(?:like|love) ${VALUE}`, ([what = ""]) => ({
    key: `likes_${keyed(first(what, 3))}`,
    value: what,
  })),
  rule("i (?:have|own) an? ([\\p{L} -]{2,30}?) (?:called|named) ([^,;.]{1,60}?)", named),
  rule("my ([\\p{L} -]{2,30}?)(?: is|'s) (?:called|named) ([^,;.]{1,60}?)", named),
  rule(`my ([\\p{L}][\\p{L}\\s'-]{1,40}?) is ${VALUE}`, ([what = "", value = ""]) =>
    what.split(/\s+/).length > 4 ? null : { key: keyed(what), value },
  ),
  rule(`меня зовут ${VALUE}`, one("name")),
  rule(`я живу (?:в|на) ${VALUE}`, one("home")),
  rule(`я работаю (?:в|на) ${VALUE}`, one("work")),
  rule(`я предпочитаю ${VALUE}`, ([what = ""]) => ({ key: `prefers_${keyed(first(what, 3))}`, value: what })),
  rule(`я (?:очень )?люблю ${VALUE}`, ([what = ""]) => ({ key: `likes_${keyed(first(what, 3))}`, value: what })),
  rule("(?:мою|моего|моё|мое) ([\\p{L} -]{2,30}?) зовут ([^,;.]{1,60}?)", named),
  rule(`мо[йяёе] ([\\p{L}][\\p{L}\\s-]{1,40}?)\\s*(?:—|-|это)\\s*(?:это\\s+)?${VALUE}`, ([what = "", value = ""]) => ({
    key: keyed(what),
    value,
  })),
];

const clean = (text: string): string =>
  text
    .trim()
    .replace(/^["'«“]|["'»”.!]+$/gu, "")
    .trim();

/** Everything a text tells. */
export const factsTold = (text: string): ToldFact[] => {
  const found = new Map<string, ToldFact>();
  for (const sentence of sentencesOf(text.replace(/^\s*@[A-Za-z][\w-]*[\s,:]+/, ""))) {
    if (/\?\s*$/.test(sentence)) continue;
    for (const [pattern, read] of RULES) {
      const match = pattern.exec(sentence.replaceAll(/[’`]/g, "'"));
      const fact = match === null ? null : read(match.slice(1).map((group) => clean(group ?? "")));
      if (fact === null || fact.key === "" || fact.value === "" || found.has(fact.key)) continue;
      const { key, value, entity = null, entityType = null } = fact;
      found.set(key, { key, value, entity, entityType, quote: sentence.trim().slice(0, 400) });
    }
  }
  return [...found.values()];
};

const REMEMBER =
  /^\s*(?:@[A-Za-z][\w-]*[\s,:]+)?(?:please[\s,]+)?(?:remember|note)(?:\s+that|\s+this:?|:)?\s+(.+)$|^\s*(?:@[A-Za-z][\w-]*[\s,:]+)?(?:пожалуйста[\s,]+)?запомни(?:те)?[\s,:]+(?:что\s+)?(.+)$/isu;

/** What a request asks to remember, as arguments of the tool that does; null when it asks for nothing of the kind. */
export const rememberRequest = (request: string): Readonly<Record<string, string>> | null => {
  const match = REMEMBER.exec(request);
  const said = (match?.[1] ?? match?.[2] ?? "").trim();
  if (said === "" || /\?\s*$/.test(said)) return null;
  const [fact] = factsTold(said);
  if (fact !== undefined) return { type: "core", key: fact.key, value: fact.value };
  const value = clean(said).slice(0, 1_900);
  const entity = /\p{Lu}[\p{L}\p{N}-]+/u.exec(value.slice(1))?.[0] ?? first(value, 3);
  return { type: "associative", entity_type: "note", entity: entity.slice(0, 100), value };
};
