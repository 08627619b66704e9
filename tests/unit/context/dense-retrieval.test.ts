// Whether the offline vectors find what is asked for, without any help from words matched as words: real questions about this
// repository's own notes, and Russian ones about a few Russian notes.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { embed } from "#adapters/models/offline/embeddings.ts";
import { chunk } from "#domain/context/chunk.ts";

const DOCS = resolve(import.meta.dirname, "../../../docs");
const DIMENSIONS = 384;

interface Found {
  readonly name: string;
  readonly vector: Float32Array;
}

/** Pieces as they are stored: each with its document's name and its headings in front. */
const piecesOf = (name: string, text: string): Found[] =>
  chunk(text, true).map(({ text: words, headings }) => ({
    name,
    vector: embed([name, ...headings, words].join("\n"), DIMENSIONS),
  }));

const best = (pieces: readonly Found[], question: string): string[] => {
  const asked = embed(question, DIMENSIONS);
  const ranked = pieces
    .map(({ name, vector }) => ({ name, score: vector.reduce((sum, value, at) => sum + value * (asked[at] ?? 0), 0) }))
    .sort((one, other) => other.score - one.score);
  return [...new Set(ranked.map(({ name }) => name))].slice(0, 3);
};

const ENGLISH: readonly (readonly [question: string, file: RegExp])[] = [
  ["Why are most tables WITHOUT ROWID?", /0002/],
  ["What happens when a refresh token is used a second time?", /0006|0024|security/],
  ["How are rate limits counted for a user?", /0007/],
  ["How does a listener resume a stream without missing events?", /0008|durable-objects/],
  ["How would we notice that the end of the log was cut off?", /0009|security/],
  ["What does the Idempotency-Key header do?", /0010|workers/],
  ["When does an open stream close because the user signed out?", /0011/],
  ["Why is policy evaluated again right before a call goes to the device?", /0012/],
  ["Does an agent that waits for an approval count against its concurrency limit?", /0013/],
  ["How is a monthly budget kept when several agents spend at once?", /0014/],
  ["Can a schedule run twice for the same tick?", /0015/],
  ["How are redirects handled when an agent fetches a web page?", /0016|security/],
  ["Which rooms may the domain folder import from?", /0001|README|domain/],
  ["How is a message with personal data removed from the hash chain?", /0019|security/],
  ["What does a kill switch stop?", /0020|security|domain|operations/],
  ["How can a capability be passed on to somebody else?", /0021/],
  ["What happens to a run when an external engine loses its lease?", /0022/],
  ["Is a model call made again after a crash?", /0003/],
  ["How do I see what the server costs and what my agents spent?", /operations|0018|workers|0014/],
  ["Where are the agents kept, in D1 or in the space?", /0005/],
];

const NOTES: Readonly<Record<string, string>> = {
  собака: "Мою собаку зовут Рекс. Он овчарка, ему четыре года, и он боится грозы.",
  работа: "Я работаю в компании «Акме» инженером по надёжности. Дежурства у нас по средам.",
  чай: "Любимый чай — молочный улун. Завариваю его при восьмидесяти градусах.",
  отпуск: "В отпуск едем в Карелию в августе: байдарки, палатки, Ладожское озеро.",
  квартира: "Договор аренды квартиры кончается в марте, хозяйка готова продлить его на год.",
  машина: "Машину надо отвезти на техосмотр до конца ноября, страховка уже оплачена.",
  бюджет: "Бюджет проекта на квартал — сто двадцать тысяч, из них половина уходит на серверы.",
  врач: "Запись к зубному врачу в четверг в десять утра, клиника на Садовой улице.",
};
const RUSSIAN: readonly (readonly [question: string, note: string])[] = [
  ["Как зовут мою собаку?", "собака"],
  ["Кем я работаю и в какой компании?", "работа"],
  ["Какой чай я люблю?", "чай"],
  ["Куда мы поедем в отпуск?", "отпуск"],
  ["Когда кончается аренда квартиры?", "квартира"],
  ["До какого числа нужен техосмотр машины?", "машина"],
  ["Сколько денег в бюджете проекта?", "бюджет"],
  ["Во сколько мне к врачу?", "врач"],
];

describe("offline vectors alone", () => {
  test("bring the right note of this repository among the first three for most questions", () => {
    const names = readdirSync(DOCS, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".md"));
    const pieces = names.flatMap((name) => piecesOf(name, readFileSync(join(DOCS, name), "utf8")));
    const missed = ENGLISH.filter(([question, file]) => !best(pieces, question).some((name) => file.test(name)));
    expect(missed.length, `missed: ${missed.map(([question]) => question).join(" / ")}`).toBeLessThanOrEqual(3);
  });

  test("bring the right Russian note first for most questions", () => {
    const pieces = Object.entries(NOTES).flatMap(([name, text]) =>
      chunk(text, true).map(({ text: words }) => ({ name, vector: embed(words, DIMENSIONS) })),
    );
    const missed = RUSSIAN.filter(([question, note]) => best(pieces, question)[0] !== note);
    expect(missed.length, `missed: ${missed.map(([question]) => question).join(" / ")}`).toBeLessThanOrEqual(1);
  });
});
