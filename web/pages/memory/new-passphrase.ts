// What keeps a new passphrase from being one.
import { ResealBody } from "#schema/api/memory.ts";

/** What is wrong, and with which of the two fields; null when nothing is. */
export const newPassphraseProblem = (
  words: string,
  again: string,
): { readonly of: "words" | "again"; readonly what: string } | null => {
  if (!ResealBody.safeParse({ new_passphrase: words }).success) return { of: "words", what: "8 characters at least" };
  return words === again ? null : { of: "again", what: "This is not the same" };
};
