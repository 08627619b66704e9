// What the offline model answers when it is asked what to remember, how a session went, and what recurs: by rules over the
// JSON it is shown. It takes what somebody plainly tells of themselves, and nothing else.
import { z } from "zod";
import { sentencesOf } from "./extract.ts";
import { factsTold } from "./told-facts.ts";
import { keywordsOf } from "./words.ts";

const Learning = z.object({
  known: z.array(z.object({ key: z.string(), value: z.string() })),
  messages: z.array(z.object({ message: z.int(), user: z.string() })),
});
const Session = z.object({ session: z.array(z.object({ by: z.string(), text: z.string() })) });
const Patterns = z.object({
  episodes: z.array(z.object({ episode: z.int(), summary: z.string(), key_entities: z.array(z.string()) })),
  known: z.array(z.object({ pattern: z.int(), pattern_type: z.string(), description: z.string() })),
});

const parsed = <T>(schema: z.ZodType<T>, text: string): T | null => {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
};

const memories = (asked: z.infer<typeof Learning>) => ({
  memories: asked.messages.flatMap(({ message, user }) =>
    factsTold(user).flatMap(({ key, value, entity, entityType, quote }) => {
      const known = asked.known.some((block) => block.key === key && block.value === value);
      const core = { type: "core", key, entity_type: null, entity: null, value, quote, message };
      const about = {
        type: "associative",
        key: null,
        entity_type: entityType,
        entity,
        value: quote.replace(/^my\b/i, "The user's").replace(/^i have\b/i, "The user has"),
        quote,
        message,
      };
      return [...(known ? [] : [core]), ...(entity === null ? [] : [about])];
    }),
  ),
});

/** Names in a text: words that begin large and do not begin a sentence, and what facts are about. */
const entitiesIn = (text: string): string[] => {
  const names = text.match(/(?<=[\p{L}\p{N},;:] )\p{Lu}[\p{L}\p{N}-]+/gu) ?? [];
  const told = factsTold(text).flatMap(({ entity }) => entity ?? []);
  return [...new Set([...told, ...names])];
};

const FEW_SENTENCES = 4;

const summary = ({ session }: z.infer<typeof Session>) => {
  const said = session
    .filter(({ by }) => by === "user")
    .map(({ text }) => text.replace(/^\s*@[A-Za-z][\w-]*[\s,:]+/, ""));
  const sentences = said.flatMap((text) => sentencesOf(text)).slice(0, FEW_SENTENCES);
  return {
    summary:
      sentences.length === 0 ? "" : `The user said: ${sentences.map((one) => `“${one.slice(0, 200)}”`).join(" ")}`,
    key_entities: entitiesIn(said.join("\n")).slice(0, 12),
  };
};

const OFTEN = 3;

const patterns = ({ episodes, known }: z.infer<typeof Patterns>) => {
  const topics = new Map<string, Set<number>>();
  for (const { episode, summary: text, key_entities } of episodes) {
    for (const topic of [...key_entities.map((entity) => entity.toLowerCase()), ...keywordsOf(text)]) {
      if (topic.length > 3) topics.set(topic, (topics.get(topic) ?? new Set()).add(episode));
    }
  }
  const found = [...topics].filter(([topic, numbers]) => numbers.size >= OFTEN && !["said", "user"].includes(topic));
  const often = found.sort(([, a], [, b]) => b.size - a.size).slice(0, 3);
  const bySummary = new Map<string, number[]>();
  for (const { episode, summary: text } of episodes) bySummary.set(text, [...(bySummary.get(text) ?? []), episode]);
  return {
    patterns: often.map(([topic, numbers]) => {
      const description = `The user often speaks of ${topic}.`;
      const same = known.find((pattern) => pattern.description === description);
      return {
        known: same?.pattern ?? null,
        pattern_type: "recurring_topic",
        description,
        confidence: Math.min(0.95, 0.4 + numbers.size / 10),
        episodes: [...numbers],
      };
    }),
    merges: [...bySummary]
      .filter(([, numbers]) => numbers.length > 1)
      .map(([text, numbers]) => ({ episodes: numbers, summary: text, key_entities: [] })),
  };
};

/** The answer under one of these schemas; null when it is none of them, or what it is asked cannot be read. */
export const learnAnswer = (schemaName: string, question: string): string | null => {
  const answer = (() => {
    switch (schemaName) {
      case "memories": {
        const asked = parsed(Learning, question);
        return asked === null ? null : memories(asked);
      }
      case "session_summary": {
        const asked = parsed(Session, question);
        return asked === null ? null : summary(asked);
      }
      case "patterns": {
        const asked = parsed(Patterns, question);
        return asked === null ? null : patterns(asked);
      }
      default:
        return null;
    }
  })();
  return answer === null ? null : JSON.stringify(answer);
};
