// The words of an answer: from what the tools said, else from what was said before, else an honest "I am the offline model".
import type { Conversation, ToolStep } from "./conversation.ts";
import { bestSentences, sentencesOf } from "./extract.ts";
import { answerFromFile } from "./file-answer.ts";
import type { Intent } from "./intent.ts";
import { languageOf, type Phrases, phrasesIn } from "./language.ts";
import { answerFromLookedUp } from "./looked-up.ts";
import type { KnownTool, WantedCall } from "./next-call.ts";
import { answerFromResults, closesPlan, joined } from "./team-answer.ts";
import { outcomeOf, saysMissing, saysWritten } from "./tool-result.ts";
import { pageText, withoutUrls } from "./web-pages.ts";
import { keywordsOf } from "./words.ts";

const MOST_ENTRIES = 60;
const GREETING =
  /^\s*(?:hi|hello|hey|good (?:morning|evening|afternoon)|привет|здравствуй\S*|добрый (?:день|вечер)|доброе утро)[\s!.,)]*$/i;
const ABOUT =
  /\b(?:who|what) are you\b|what can you do|\bhelp\b[?!.\s]*$|кто ты|ты кто|что ты (?:умеешь|можешь)|помощь[?!.\s]*$/i;
const THANKS = /^\s*(?:thanks?|thank you|спасибо)\b|^\s*спасибо/i;
const STATEMENT =
  /^\s*(?:(?:please\s+)?remember|note that|запомни)|^\s*(?:my|i am|i'm|i (?:really )?(?:work|live|have|own|like|love|prefer|use|study|speak|play)|our|we|меня зовут|мо[йяиёюе]|моего|наш|я (?:очень )?(?:работаю|живу|люблю|предпочитаю|учусь|говорю|играю)|у меня)(?=[\s'])/i;
const QUESTION =
  /\?\s*$|^\s*(?:what|who|where|when|which|how|why|do|does|did|is|are|can|как|кто|где|когда|какой|какая|какие|какое|сколько|почему|что)(?=\s)/i;

const isKnownTool = (name: string): name is KnownTool =>
  name === "read_file" ||
  name === "list_directory" ||
  name === "write_file" ||
  name === "web_fetch" ||
  name === "memory_write";

/** What a step was about. */
const subjectOf = ({ path, url, value }: ToolStep["arguments"]): string =>
  typeof value === "string" ? value : typeof url === "string" ? url : typeof path === "string" ? path : ".";

const listing = (path: string, entries: readonly string[], say: Phrases): string => {
  if (entries.length === 0) return say.emptyFolder(path);
  const shown = entries.slice(0, MOST_ENTRIES).map((entry) => `- ${entry}`);
  const rest = entries.length - shown.length;
  return [say.listing(path, entries.length), ...shown, ...(rest > 0 ? [say.more(rest)] : [])].join("\n");
};

const stepAnswer = (step: ToolStep, question: string, say: Phrases): string => {
  const path = subjectOf(step.arguments);
  const action = isKnownTool(step.name) ? say.actions[step.name] : step.name;
  const result = step.result ?? "";
  const outcome = outcomeOf(step.name, result);
  if (outcome.kind === "failed") return say.failed(action, path, outcome.reason);
  if (outcome.kind === "unknown") return say.toolSaid(action, path, outcome.words);
  if (step.name === "memory_write") return say.remembered(path);
  if (outcome.kind === "entries") return listing(path, outcome.entries, say);
  if (step.name === "web_fetch") return answerFromFile(withoutUrls(question), path, pageText(outcome.text), say);
  if (step.name !== "write_file") return answerFromFile(question, path, outcome.text, say);
  const content = typeof step.arguments.content === "string" ? step.arguments.content : "";
  return saysWritten(result)
    ? say.wrote(path, [...content].length)
    : say.toolSaid(action, path, result.trim().slice(0, 400));
};

/** A write that was not even asked for: its source could not be read whole, and half a file must not replace it. */
const unwritten = (steps: readonly ToolStep[], intent: Intent, say: Phrases): string | null => {
  if (intent.kind !== "write" || intent.content === null || intent.content.from === "request") return null;
  if (steps.some((step) => step.name === "write_file")) return null;
  const source = intent.content.from === "append" ? intent.path : intent.content.path;
  const outcome = steps.map((step) => outcomeOf(step.name, step.result ?? "")).find(({ kind }) => kind === "text");
  return outcome === undefined ? null : say.notWhole(intent.path, source);
};

/** The steps worth telling: a write's own outcome, not the read before it; a file, not the listing that led to it. */
const told = (steps: readonly ToolStep[], intent: Intent): readonly ToolStep[] => {
  const finished = steps.filter((step) => step.result !== null);
  const writes = finished.filter((step) => step.name === "write_file");
  if (writes.length > 0) return writes.slice(-1);
  if (intent.kind === "list") return finished.filter((step) => step.name === "list_directory");
  const readWell = finished.filter(
    (step) =>
      (step.name === "read_file" || step.name === "web_fetch") &&
      outcomeOf(step.name, step.result ?? "").kind === "text",
  );
  const failed = finished.filter((step) => outcomeOf(step.name, step.result ?? "").kind === "failed");
  if (readWell.length === 0) return failed.length > 0 ? failed : finished;
  // A README found under another name makes up for the one that was missing.
  const hard = failed.filter(
    (step) => !(saysMissing(step.result ?? "") && /^readme/i.test(String(step.arguments.path))),
  );
  return [...readWell, ...hard];
};

/** A sentence of the conversation that answers: the user's own first. */
const recalled = (conversation: Conversation, say: Phrases, least: number): string | null => {
  const topic = keywordsOf(conversation.question);
  const sentencesBy = (who: "user" | "assistant"): string[] =>
    conversation.history
      .filter(({ by }) => by === who)
      .flatMap(({ text }) => sentencesOf(text))
      .filter((sentence) => !sentence.endsWith("?") && !/offline model|офлайн-модель/i.test(sentence));
  const [own] = bestSentences(topic, sentencesBy("user").toReversed(), 1, least);
  if (own !== undefined) return say.earlier(own.replace(/^\s*@[A-Za-z][\w-]*[\s,:]+/, ""));
  const [other] = bestSentences(topic, sentencesBy("assistant").toReversed(), 1, least);
  return other === undefined ? null : say.saidBefore(other.replace(/^>\s*/, ""));
};

const talk = (conversation: Conversation, say: Phrases): string => {
  const { question } = conversation;
  if (GREETING.test(question)) return say.greeting;
  if (ABOUT.test(question)) return say.about;
  if (THANKS.test(question)) return say.thanks;
  if (STATEMENT.test(question) && !QUESTION.test(question)) return `${say.noted} ${say.closing}`;
  // What was said in this conversation may correct what was kept of others.
  const memory =
    recalled(conversation, say, 0.75) ??
    answerFromLookedUp(question, conversation.lookedUp, say) ??
    recalled(conversation, say, 0.5);
  return memory === null ? say.nothing : `${memory}\n\n${say.closing}`;
};

/** The answer in words. */
export const answerOf = (conversation: Conversation, intent: Intent, missing: WantedCall | null): string => {
  const say = phrasesIn(languageOf(conversation.question));
  if (closesPlan(conversation.question)) return `${joined(conversation.results)}\n\n${say.closing}`;
  const steps = told(conversation.steps, intent);
  const held = missing === null ? unwritten(steps, intent, say) : null;
  if (held !== null) return `${held}\n\n${say.closing}`;
  if (steps.length > 0 && missing?.name !== "write_file") {
    // A look at the whole project asks nothing particular of the file that was opened for it.
    const question = intent.kind === "overview" ? "" : conversation.question;
    const parts = steps.map((step) => stepAnswer(step, question, say));
    return `${parts.join("\n\n")}\n\n${say.closing}`;
  }
  const known = missing === null ? null : answerFromLookedUp(conversation.question, conversation.lookedUp, say);
  if (known !== null) return `${known}\n\n${say.closing}`;
  if (missing !== null)
    return `${say.noTool(say.actions[missing.name], subjectOf(missing.arguments))}\n\n${say.closing}`;
  if (intent.kind === "write" && intent.content === null) return `${say.whatContent(intent.path)}\n\n${say.closing}`;
  if (conversation.results.length > 0)
    return `${answerFromResults(conversation.question, conversation.results)}\n\n${say.closing}`;
  return talk(conversation, say);
};
