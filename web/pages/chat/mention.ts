// `@` and the letters after it, where the cursor stands: what may be completed, and the text once it is.

/** A name being typed: where its `@` is, and what is there of it so far. */
export interface Mention {
  readonly start: number;
  readonly typed: string;
}

/** The mention the cursor is in; null when it is in none. An `@` inside a word, as in an address, begins none. */
export const mentionAt = (text: string, cursor: number): Mention | null => {
  const match = /(^|[\s(])@([A-Za-z][\w-]*|)$/.exec(text.slice(0, cursor));
  if (match === null) return null;
  const typed = match[2] ?? "";
  return { start: cursor - typed.length - 1, typed };
};

/** The names that begin so, then those that hold it. */
export const namesFor = (typed: string, names: readonly string[]): readonly string[] => {
  const part = typed.toLowerCase();
  const begins = names.filter((name) => name.toLowerCase().startsWith(part));
  return [...begins, ...names.filter((name) => !begins.includes(name) && name.toLowerCase().includes(part))];
};

/** The text with the name in it, and where the cursor goes. */
export const completeMention = (
  text: string,
  { start, typed }: Mention,
  name: string,
): { readonly text: string; readonly cursor: number } => {
  const rest = text.slice(start + 1 + typed.length);
  const done = `${text.slice(0, start)}@${name}${rest.startsWith(" ") ? "" : " "}`;
  return { text: done + rest, cursor: start + name.length + 2 };
};

/** The text said to that agent, instead of to whomever it began with. */
export const addressed = (text: string, name: string): string =>
  `@${name} ${text.replace(/^\s*@[A-Za-z][\w-]*[,:]?\s*/, "")}`;
