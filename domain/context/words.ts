// The terms a text is found by, the same for every store: words without case and accents, without those that carry no meaning,
// cut to rough stems. English and Russian endings are cut, scripts without spaces are told in pairs of letters, other
// languages match by whole words.

const STOP = new Set(
  (
    "a an the and or but nor if then than so of to in on at by for from with into onto over as is are was were be been being am " +
    "do does did done have has had having it its this that these those there here what which who whom whose when where why how can could " +
    "will would should shall may might must i you he she we they me my mine your our us him her his their them not no very just about " +
    "и в во на с со к ко у о об от до за из по под над при для без не ни да но а или что чтобы как так это этот эта эти тот та те то " +
    "кто где когда почему зачем какой какая какое какие ли же бы был была было были есть быть мой моя мое мои твой ваш наш " +
    "я ты он она оно мы вы они меня мне тебя тебе вас вам нас нам его ее их"
  ).split(" "),
);

// Longest first: the first that fits and leaves a stem is cut.
const RUSSIAN_ENDINGS = (
  "иями ями ами иях ией иям ием ого его ому ему ыми ими ешь ишь ете ите уют ают яют ала яла ила ела али яли или ели ать ять ить еть " +
  "ах ях ам ям ов ев ей ой ый ий ая яя ое ее ые ие ую юю ом ем ия ию ии ут ют ат ят ет ит ла ло ли ть " +
  "а я о е ы и у ю ь й л"
).split(" ");

const SHORTEST_STEM = 3;
const PAIRED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]+/gu;

const russianStem = (word: string): string => {
  const ending = RUSSIAN_ENDINGS.find((one) => word.endsWith(one) && word.length - one.length >= SHORTEST_STEM);
  return ending === undefined ? word : word.slice(0, -ending.length);
};

const undoubled = (stem: string): string => (/([bdfgmnprt])\1$/.test(stem) ? stem.slice(0, -1) : stem);

const englishStem = (word: string): string => {
  const plain =
    word.length > 4 && /ie[sd]$/.test(word)
      ? `${word.slice(0, -3)}y`
      : word.length > 3 && word.endsWith("s") && !/(ss|us|is)$/.test(word)
        ? word.slice(0, -1)
        : word;
  const cut =
    plain.length > 5 && plain.endsWith("ing")
      ? undoubled(plain.slice(0, -3))
      : plain.length > 4 && plain.endsWith("ed")
        ? undoubled(plain.slice(0, -2))
        : plain;
  // "save", "saves", "saved" and "saving" meet without the e.
  return cut.length > 3 && cut.endsWith("e") ? cut.slice(0, -1) : cut;
};

const stem = (word: string): string =>
  /[а-я]/.test(word) ? russianStem(word) : /^[a-z]+$/.test(word) ? englishStem(word) : word;

const pairsOf = (run: string): string[] => {
  const letters = [...run];
  return letters.length === 1 ? letters : letters.slice(1).map((letter, at) => `${letters[at]}${letter}`);
};

/** Accents go; й stays a letter of its own, ё is е. */
const folded = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/(?<![иИ])\p{M}/gu, "")
    .normalize("NFC")
    .toLowerCase();

const termsOfWord = (word: string): string[] => {
  if (STOP.has(word)) return [];
  const paired = word.match(PAIRED);
  if (paired === null) return [stem(word)];
  const rest = word.split(PAIRED).filter((part) => part !== "");
  return [...paired.flatMap(pairsOf), ...rest.map(stem)];
};

/** The terms of a text, in their order, as often as they occur. */
export const termsOf = (text: string): string[] =>
  (folded(text).match(/[\p{L}\p{M}\p{N}]+/gu) ?? []).flatMap(termsOfWord);
