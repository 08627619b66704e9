// Answering from what was looked up: with the items' own sentences, and the number of the item behind each. What answers is a
// sentence that has the question's words and at least one more; nothing is answered from what only comes near.
import { bestSentences, sentencesOf } from "./extract.ts";
import type { Phrases } from "./language.ts";
import { keywordsOf } from "./words.ts";

/** One thing that was looked up. */
interface Item {
  readonly n: number;
  readonly kind: "earlier work" | "document" | "memory";
  readonly title: string;
  readonly text: string;
}

/** What the offline model sees of what was looked up. */
export interface LookedUp {
  readonly items: readonly Item[];
  /** Core memory, each as "key: value", under its number. */
  readonly core: readonly { readonly n: number | null; readonly text: string }[];
}

const ITEM =
  /^<item n="(\d{1,6})" kind="(earlier work|document|memory)" title="([^"\n]*)"[^\n]*>\n([\s\S]*?)\n<\/item>$/gm;
const CORE = /^<core_memory>\n([\s\S]*?)\n<\/core_memory>$/m;
/** About the one who asks: documents do not know. */
const OWN = /\b(?:i|my|me|mine|am i|we|our)\b|(?:^|\s)(?:я|мы|мо[йяёиюе]\S*|мне|меня|у нас|наш\S*)(?=[\s?,.!]|$)/iu;
const ASIDE = /offline model|офлайн-модель/i;

/** Whether a message is what was looked up. */
export const isLookedUp = (text: string): boolean => text.startsWith("<looked_up>\n");

const kindOf = (text: string): Item["kind"] => (text === "document" || text === "memory" ? text : "earlier work");

/** Reads what was looked up out of the messages before the question. */
export const lookedUpIn = (messages: readonly { readonly role: string; readonly text: string }[]): LookedUp => {
  const block = messages.findLast(({ role, text }) => role === "user" && isLookedUp(text))?.text ?? "";
  const core = messages.find(({ role, text }) => role === "system" && CORE.test(text))?.text ?? "";
  return {
    items: [...block.matchAll(ITEM)].map(([, n, kind, title, text]) => ({
      n: Number(n),
      kind: kindOf(kind ?? ""),
      title: title ?? "",
      text: text ?? "",
    })),
    core: (CORE.exec(core)?.[1] ?? "").split("\n").flatMap((line) => {
      const [, n, key, value] = /^(?:\[(\d{1,6})\] )?(.{1,80}?) \([^)\n]*\): (.+)$/.exec(line) ?? [];
      if (key === undefined || value === undefined) return [];
      return [{ n: n === undefined ? null : Number(n), text: `${key.replaceAll("_", " ")}: ${value}` }];
    }),
  };
};

interface Found {
  readonly sentence: string;
  /** Null: core memory. */
  readonly item: Item | null;
  readonly n: number | null;
  readonly who: "user" | "agent" | "text";
}

// What the user said stands before what was answered then: an answer may only have repeated it.
const sayingsOf = (item: Item): Found[] => {
  const parts =
    item.kind === "earlier work"
      ? item.text.split(/^(?=Agent answered: |It failed: )/m).map((part) => ({
          who: part.startsWith("User asked: ") ? ("user" as const) : ("agent" as const),
          text: part.replace(/^(?:User asked|Agent answered): /, ""),
        }))
      : [{ who: "text" as const, text: item.text }];
  return parts.flatMap(({ who, text }) =>
    text.startsWith("It failed: ")
      ? []
      : sentencesOf(text.replace(/(?<=\s|\])\[\d{1,3}\]/g, "")).flatMap((sentence) =>
          /\?["”»]?$/.test(sentence) || ASIDE.test(sentence) ? [] : [{ sentence, item, n: item.n, who }],
        ),
  );
};

const RANK = { user: 0, text: 1, agent: 2 } as const;

const quoted = ({ sentence, item, n, who }: Found, say: Phrases): string => {
  const plain = sentence.replace(/^>\s*/, "").replace(/^\s*@[A-Za-z][\w-]*[\s,:]+/, "");
  const cited = n === null ? "" : ` [${n}]`;
  if (item?.kind === "document") return `${say.says(item.title)} “${plain}”${cited}`;
  if (item === null || item.kind === "memory") return `${say.keptInMind(plain)}${cited}`;
  return `${who === "user" ? say.earlier(plain) : say.answeredBefore(plain)}${cited}`;
};

/** The answer from what was looked up; null when nothing there answers. */
export const answerFromLookedUp = (question: string, { items, core }: LookedUp, say: Phrases): string | null => {
  const topic = keywordsOf(question);
  if (topic.size === 0) return null;
  const own = OWN.test(question);
  const known: Found[] = [
    ...core.map(({ n, text }): Found => ({ sentence: text, item: null, n, who: "text" })),
    ...items.filter(({ kind }) => !own || kind !== "document").flatMap(sayingsOf),
  ];
  const answering = known.filter(({ sentence }) => [...keywordsOf(sentence)].some((word) => !topic.has(word)));
  // Of few words all must be there: "my cat" is not answered by "my dog".
  const least = topic.size <= 2 ? 1 : 0.6;
  const best = bestSentences(
    topic,
    answering.map(({ sentence }) => sentence),
    3,
    least,
  );
  const found = [...new Set(best)].flatMap(
    (sentence) =>
      answering.filter((one) => one.sentence === sentence).sort((one, other) => RANK[one.who] - RANK[other.who])[0] ??
      [],
  );
  if (found.length === 0) return null;
  const first = Math.min(...found.map(({ who }) => RANK[who]));
  const told = found.filter(({ who }) => RANK[who] === first || who === "text");
  return told.map((one) => quoted(one, say)).join("\n");
};
