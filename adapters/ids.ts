// Mints ids: 10 characters of time, 8 of project key (or of fresh randomness for users and projects), 8 of randomness.
// 40 random bits under one key within one millisecond; the tables' primary keys turn the impossible clash into an error.
import { encodeTime } from "ulid";
import { composeId, type IdKind, type MintId } from "#schema/ids.ts";
import { type Clock, systemClock } from "./clock.ts";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TIME_LENGTH = 10;

const randomCharacters = (count: number): string => {
  let text = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(count))) text += ALPHABET.charAt(byte & 31);
  return text;
};

/** A fresh 40-bit key for a user or project, 8 Crockford characters. */
export const newKey = (): string => randomCharacters(8);

/** An id mint over a clock. */
export const minter =
  (now: Clock): MintId =>
  <K extends IdKind>(kind: K, key?: string) =>
    composeId(kind, encodeTime(now(), TIME_LENGTH), key ?? newKey(), randomCharacters(8));

const following = (random: string): string | null => {
  for (let at = random.length - 1; at >= 0; at -= 1) {
    const next = ALPHABET.indexOf(random.charAt(at)) + 1;
    if (next < ALPHABET.length)
      return random.slice(0, at) + ALPHABET.charAt(next) + ALPHABET.charAt(0).repeat(random.length - at - 1);
  }
  return null;
};

/**
 * An id mint whose ids under one key sort in the order they were minted, also within one millisecond: the tool calls of
 * one answer are made in the order the model asked for them. The clock may stand still or go back; the ids do not.
 */
export const orderedMinter = (now: Clock): MintId => {
  let time = 0;
  let random: string | null = null;
  return (kind, key) => {
    const at = now();
    random = at > time || random === null ? null : following(random);
    if (random === null) {
      time = Math.max(at, time + 1);
      random = randomCharacters(8);
    }
    return composeId(kind, encodeTime(time, TIME_LENGTH), key ?? newKey(), random);
  };
};

/** Mints ids by the real time. */
export const mintId: MintId = minter(systemClock);

/** A ULID without a prefix, for things that are no resource (requests). */
export const newUlid = (now: Clock = systemClock): string => `${encodeTime(now(), TIME_LENGTH)}${randomCharacters(16)}`;
