// Which of its two languages the offline model answers in, and its few fixed sentences in both.

export type Language = "en" | "ru";

/** Russian when the request is mostly, or begins, in Cyrillic; English otherwise. */
export const languageOf = (text: string): Language => {
  const bare = text.replace(/^\s*@\S+\s*/, "").slice(0, 2_000);
  if (/^[\s"'«(]*[а-яё]/i.test(bare)) return "ru";
  const cyrillic = bare.match(/[а-яё]/gi)?.length ?? 0;
  const latin = bare.match(/[a-z]/gi)?.length ?? 0;
  return cyrillic > latin ? "ru" : "en";
};

/** What it says of its own, in both languages. */
export interface Phrases {
  readonly closing: string;
  readonly greeting: string;
  readonly about: string;
  readonly thanks: string;
  readonly noted: string;
  readonly nothing: string;
  readonly earlier: (sentence: string) => string;
  readonly saidBefore: (sentence: string) => string;
  readonly keptInMind: (sentence: string) => string;
  readonly answeredBefore: (sentence: string) => string;
  readonly noTool: (action: string, subject: string) => string;
  readonly whatContent: (path: string) => string;
  readonly failed: (action: string, subject: string, reason: string) => string;
  readonly remembered: (what: string) => string;
  readonly wrote: (path: string, characters: number) => string;
  readonly notWhole: (path: string, source: string) => string;
  readonly toolSaid: (action: string, subject: string, words: string) => string;
  readonly actions: Readonly<
    Record<"read_file" | "list_directory" | "write_file" | "web_fetch" | "memory_write", string>
  >;
  readonly contains: (path: string) => string;
  readonly begins: (path: string) => string;
  readonly says: (path: string) => string;
  readonly sections: string;
  readonly defines: string;
  readonly notFound: (path: string) => string;
  readonly listing: (path: string, count: number) => string;
  readonly emptyFolder: (path: string) => string;
  readonly emptyFile: (path: string) => string;
  readonly more: (count: number) => string;
  readonly project: (path: string, name: string, version: string | null) => string;
  readonly scripts: string;
  readonly dependencies: string;
  readonly fields: string;
}

const english: Phrases = {
  closing: "— offline model",
  greeting: "Hello! I am the offline model: I follow simple rules, I do not reason.",
  about:
    "I am the offline model, a small rule-based program that answers when no real model is configured. I can list and read files, " +
    "quote what they say, write a file with the text you give me, and recall what was said in this conversation.",
  thanks: "You are welcome.",
  noted: "Noted. It is kept with this conversation, and looked up when you ask about it.",
  nothing:
    "I am the offline model and have no good answer to this: I follow simple rules and know only what is in this conversation, what was looked " +
    "up for it, and the files I may read. Ask me to list or read a file, or to write one; for real answers set OPENAI_BASE_URL or OPENAI_API_KEY.",
  earlier: (sentence) => `You said earlier: “${sentence}”`,
  saidBefore: (sentence) => `It was said earlier in this conversation: “${sentence}”`,
  keptInMind: (sentence) => `I remember: “${sentence}”`,
  answeredBefore: (sentence) => `I answered earlier: “${sentence}”`,
  noTool: (action, subject) => `I cannot ${action} ${subject}: I was not given a tool for that.`,
  whatContent: (path) => `What should ${path} contain? Say for example: write ${path} with …`,
  failed: (action, subject, reason) => `I could not ${action} ${subject}: ${reason}`,
  remembered: (what) => `I will remember: ${what}`,
  wrote: (path, characters) => `I wrote ${path} (${characters} ${characters === 1 ? "character" : "characters"}).`,
  notWhole: (path, source) =>
    `I did not write ${path}: I was shown only part of ${source}, and half a file must not replace a whole one.`,
  toolSaid: (action, subject, words) => `I asked to ${action} ${subject}. The answer was: ${words}`,
  actions: {
    read_file: "read",
    list_directory: "list",
    write_file: "write",
    web_fetch: "fetch",
    memory_write: "remember",
  },
  contains: (path) => `${path} contains:`,
  begins: (path) => `${path} begins:`,
  says: (path) => `${path} says:`,
  sections: "Its sections:",
  defines: "It defines:",
  notFound: (path) => `I found no sentence about that in ${path}.`,
  listing: (path, count) =>
    `${path === "." ? "This folder" : path} holds ${count} ${count === 1 ? "entry" : "entries"}:`,
  emptyFolder: (path) => `${path === "." ? "This folder" : path} is empty.`,
  emptyFile: (path) => `${path} is empty.`,
  more: (count) => `… and ${count} more`,
  project: (path, name, version) =>
    `According to ${path}, this project is ${name}${version === null ? "" : `, version ${version}`}`,
  scripts: "Scripts",
  dependencies: "Dependencies",
  fields: "Its fields",
};

const russian: Phrases = {
  closing: "— офлайн-модель",
  greeting: "Здравствуйте! Я офлайн-модель: следую простым правилам и не рассуждаю.",
  about:
    "Я офлайн-модель — небольшая программа с правилами, которая отвечает, когда настоящая модель не подключена. Умею показать список файлов, " +
    "прочитать файл и процитировать его, записать файл с вашим текстом и вспомнить сказанное в этом разговоре.",
  thanks: "Пожалуйста.",
  noted: "Записал. Это останется вместе с разговором и найдётся, когда вы спросите.",
  nothing:
    "Я офлайн-модель, и хорошего ответа у меня нет: я следую простым правилам и знаю только этот разговор и файлы, которые мне дают прочитать. " +
    "Попросите показать, прочитать или записать файл; для настоящих ответов задайте OPENAI_BASE_URL или OPENAI_API_KEY.",
  earlier: (sentence) => `Вы говорили раньше: «${sentence}»`,
  saidBefore: (sentence) => `Раньше в этом разговоре было сказано: «${sentence}»`,
  keptInMind: (sentence) => `Я помню: «${sentence}»`,
  answeredBefore: (sentence) => `Раньше я отвечал: «${sentence}»`,
  noTool: (action, subject) => `Не могу ${action} ${subject}: мне не дали для этого инструмента.`,
  whatContent: (path) => `Что должно быть в ${path}? Например: запиши в файл ${path}: …`,
  failed: (action, subject, reason) => `Не удалось ${action} ${subject}: ${reason}`,
  remembered: (what) => `Запомнил: ${what}`,
  wrote: (path, characters) => `Файл ${path} записан (символов: ${characters}).`,
  notWhole: (path, source) =>
    `Файл ${path} не записан: из ${source} мне показали только часть, а половина не должна заменить целое.`,
  toolSaid: (action, subject, words) => `Я попросил ${action} ${subject}. Ответ: ${words}`,
  actions: {
    read_file: "прочитать",
    list_directory: "посмотреть",
    write_file: "записать",
    web_fetch: "открыть",
    memory_write: "запомнить",
  },
  contains: (path) => `Содержимое ${path}:`,
  begins: (path) => `${path} начинается так:`,
  says: (path) => `В ${path} сказано:`,
  sections: "Разделы:",
  defines: "Определено:",
  notFound: (path) => `В ${path} об этом ничего не нашлось.`,
  listing: (path, count) => `${path === "." ? "В этой папке" : `В ${path}`} записей: ${count}`,
  emptyFolder: (path) => `${path === "." ? "Эта папка пуста." : `Папка ${path} пуста.`}`,
  emptyFile: (path) => `Файл ${path} пуст.`,
  more: (count) => `… и ещё ${count}`,
  project: (path, name, version) =>
    `Судя по ${path}, этот проект — ${name}${version === null ? "" : `, версия ${version}`}`,
  scripts: "Скрипты",
  dependencies: "Зависимости",
  fields: "Поля",
};

/** Its fixed sentences in one language. */
export const phrasesIn = (language: Language): Phrases => (language === "ru" ? russian : english);
