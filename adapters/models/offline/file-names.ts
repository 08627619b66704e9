// Finds what in a request is a file or a folder. Paths are passed on exactly as written, escapes and all: whether they may
// be touched is the device's to decide, not a model's.

const QUOTED =
  /"([^"\n]{1,200})"|`([^`\n]{1,200})`|«([^»\n]{1,200})»|“([^”\n]{1,200})”|(?<![\p{L}\p{N}])'([^'\n]{1,200})'(?![\p{L}\p{N}])/gu;
const EXTENSION = /[^/\\.\s]?\.[a-z][a-z0-9]{0,9}$/i;
const DOTFILE = /^(?:.*\/)?\.[a-z][\w.-]*$/i;
const ROOTED = /^(?:\.{1,2}\/|\/|~\/|%2e%2e|\.\.$|\.\.\\|[a-z]:\\)/i;
const BARE_NAMES = /^(?:makefile|dockerfile|license|licence|changelog|contributing|procfile|gemfile|readme)$/i;
const NOT_A_FILE =
  /^(?:e\.g|i\.e|etc|vs|т\.е|т\.д|т\.п|(?:Node|Next|Vue|Three|Express|React|Nuxt)\.js|ASP\.NET|\.NET)$/;
const HOST = /^[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|dev|ai|ru|eu)$/i;

/** What a bare well-known name most likely stands for. */
const spelled = (name: string): string => {
  if (!BARE_NAMES.test(name)) return name;
  if (/^readme$/i.test(name)) return "README.md";
  if (/^(?:changelog|contributing)$/i.test(name)) return `${name.toUpperCase()}.md`;
  if (/^licen[sc]e$/i.test(name)) return name.toUpperCase();
  return `${name.charAt(0).toUpperCase()}${name.slice(1).toLowerCase()}`;
};

/** Whether a word reads as a path of a file. */
export const looksLikeFile = (word: string): boolean => {
  if (word === "" || NOT_A_FILE.test(word) || /:\/\/|@[\w-]+\.\w/.test(word) || /[?!*<>|]/.test(word)) return false;
  if (HOST.test(word) && !word.includes("/")) return false;
  return EXTENSION.test(word) || DOTFILE.test(word) || (ROOTED.test(word) && !word.endsWith("/"));
};

/** Whether a word reads as a path of a folder. */
export const looksLikeFolder = (word: string): boolean =>
  /^[\p{L}\p{N}_.@~%\\/-]+\/$/u.test(word) || (ROOTED.test(word) && !EXTENSION.test(word)) || word === ".";

/** A word without the punctuation of the sentence around it. */
export const trimmed = (word: string): string =>
  word.replace(/^[([{"'`«“,;:]+/, "").replace(/(?:['’]s)?[)\]}"'`»”,;:!?]*\.?[)\]}"'`»”,;:!?]*$/u, "");

/** Quoted passages of a text. */
export const quotedIn = (text: string): string[] =>
  [...text.matchAll(QUOTED)].map((match) => match.slice(1).find((group) => group !== undefined) ?? "");

/** A name that is in capitals (README) or follows a word like "the" is the file, not the thing. */
const isBareName = (word: string): boolean => BARE_NAMES.test(word);

/** The files a request names, in order, each once. */
export const filesIn = (text: string): string[] => {
  const found: string[] = [];
  const quoted = quotedIn(text).filter((passage) => looksLikeFile(passage) && !/[.!?;:]\s/.test(passage));
  const rest = quoted.reduce((left, passage) => left.replace(passage, " "), text);
  for (const word of rest.split(/\s+/).map(trimmed)) {
    if (looksLikeFile(word) || isBareName(word)) found.push(spelled(word));
  }
  return [...new Set([...quoted, ...found])];
};
