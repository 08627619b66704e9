// How demanding a request looks, from its words alone: a sum of small signs, each with a name, so that the choice it leads to
// can be explained. It reads the ends of long texts only, so it takes microseconds whatever it is shown.

/** What a request is judged by. */
export interface Demand {
  /** What the user, or the plan's step, asks. */
  readonly words: string;
  /** How many tools are offered. */
  readonly tools: number;
  /** About how many tokens of conversation come before. */
  readonly historyTokens: number;
  /** Planning and closing are thinking about other work. */
  readonly thinksAboutWork: boolean;
}

/** The verdict: from `DEMANDING` on, a smart model. */
export interface Complexity {
  readonly score: number;
  readonly signs: readonly string[];
}

/** The score from which a request is demanding. */
export const DEMANDING = 2;

const READ_FROM_START = 6_000;
const READ_FROM_END = 2_000;

/** Words that ask for reasoning; two different ones count twice, more count no further. */
const REASONING = new RegExp(
  [
    "\\b(?:analy[sz]\\w*|comprehensive\\w*|in[- ]depth|thorough\\w*|evaluat\\w*|compar\\w*|critiqu\\w*|prov(?:e|es|ing)\\b",
    "deriv\\w+|design\\w*|architect\\w*|refactor\\w*|debug\\w*|optimi[sz]\\w*|strateg\\w*|trade-?offs?|diagnos\\w*|reason(?:ing)?\\b",
    "step[- ]by[- ]step|root cause|implement\\w*|investigat\\w*|synthesi[sz]\\w*|plan(?:ning)? (?:a|an|the|for)\\b|why (?:does|do|is|are|did)\\b)",
  ].join("|"),
  "gi",
);
// No \b: it knows no Cyrillic letter. A space, a sign or the beginning stands before each.
const REASONING_RU =
  /(?<![а-яё])(?:проанализир|анализ|подробн|всесторонн|глубок|сравн|оцен(?:и|ите|ка|ку)|докаж|вывед(?:и|ите) формул|спроектир|архитектур|рефактор|отлад|оптимизир|стратеги|пошагов|шаг за шагом|исследу|исследован|обоснуй|обоснова|реализуй|разработай|почему)[а-яё]*/gi;

/** Words that ask for little. */
const SIMPLE =
  /\b(?:summari[sz]e|tl;?dr|translate|rephrase|rewrite|list|extract|shorten|proofread|fix (?:the )?typos?|thanks?|thank you|hello|hi|yes|no|ok(?:ay)?)\b/i;
const SIMPLE_RU =
  /(?<![а-яё])(?:резюмируй|перескажи|кратко|коротко|переведи|перефразируй|перечисли|извлеки|сократи|исправь (?:опечатк|ошибк)[а-яё]*|спасибо|привет|здравствуй[а-яё]*|да|нет|хорошо)(?![а-яё])/i;

const CODE =
  /```|\b(?:function|class|const|def|import|return|SELECT|async|await|struct|impl|public static)\b[^\n]{0,80}[({=;:]|=>|[{};]\s*\n|Traceback \(most recent|\bat [\w.$]+ \([^)\n]{1,200}:\d+/;

const readable = (text: string): string =>
  text.length <= READ_FROM_START + READ_FROM_END
    ? text
    : `${text.slice(0, READ_FROM_START)}\n${text.slice(-READ_FROM_END)}`;

const lengthSign = (length: number): number => (length > 8_000 ? 3 : length > 2_500 ? 2 : length > 700 ? 1 : 0);

const historySign = (tokens: number): number => (tokens > 16_000 ? 2 : tokens > 4_000 ? 1 : 0);

/** Judges a request. */
export const complexityOf = ({ words, tools, historyTokens, thinksAboutWork }: Demand): Complexity => {
  const text = readable(words);
  const reasoning = new Set([...(text.match(REASONING) ?? []), ...(text.match(REASONING_RU) ?? [])].map(stem)).size;
  const simple = SIMPLE.test(text) || SIMPLE_RU.test(text);
  const signs: readonly (readonly [name: string, weight: number])[] = [
    ["planning", thinksAboutWork ? 3 : 0],
    ["reasoning", reasoning === 0 ? 0 : reasoning === 1 ? 2 : 4],
    ["code", CODE.test(text) ? 2 : 0],
    ["long", lengthSign(words.length)],
    ["history", historySign(historyTokens)],
    ["tools", tools > 2 ? 1 : 0],
    // A simple wish about a long or difficult thing stays simple; beside a demanding one it counts for nothing.
    ["simple", simple && reasoning < 2 ? -2 : 0],
  ];
  const found = signs.filter(([, weight]) => weight !== 0);
  return { score: found.reduce((sum, [, weight]) => sum + weight, 0), signs: found.map(([name]) => name) };
};

const stem = (word: string): string => word.toLowerCase().slice(0, 6);
