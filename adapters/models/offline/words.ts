// Words of a text, roughly stemmed, for matching a question with sentences. English and Russian endings are cut; other
// languages match by whole words.

const STOP = new Set(
  (
    "a an the and or but if of to in on at by for from with as is are was were be been it its this that these those there here " +
    "what which who whom whose when where why how do does did can could will would should shall may might must i you he she we they me my " +
    "mine your our us him her his their them not no so than then too very just about into over please tell say says said show give " +
    "read open print display look file folder project know " +
    "и в во на с со к ко у о об от до за из по под над при для без не ни да но а или что чтобы как так это этот эта эти тот та те то " +
    "кто где когда почему зачем какой какая какое какие каков чем чём ли же бы был была было были есть быть мой моя моё мои твой ваш наш " +
    "я ты он она мы вы они меня мне тебя тебе вас вам нас нам его её их скажи покажи прочитай прочти открой пожалуйста файл файле файла"
  ).split(" "),
);

const stem = (word: string): string => {
  if (/[а-яё]/.test(word)) return word.length > 5 ? word.slice(0, Math.max(4, word.length - 2)) : word.slice(0, 4);
  if (word.length > 5 && word.endsWith("ing")) return word.slice(0, -3);
  if (word.length > 4 && word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  if (word.length > 4 && word.endsWith("ed")) return word.slice(0, -2);
  if (word.length > 3 && word.endsWith("s") && !word.endsWith("ss")) return word.slice(0, -1);
  return word;
};

/** Every word, lower-cased, in order. */
export const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** False for the words every text is full of. */
export const carriesMeaning = (word: string): boolean => !STOP.has(word);

/** Stems of the words that carry meaning. */
export const keywordsOf = (text: string): ReadonlySet<string> =>
  new Set(
    wordsOf(text)
      .filter((word) => !STOP.has(word))
      .map(stem),
  );
