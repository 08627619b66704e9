// Password hashes: scrypt with OWASP's smallest-memory parameters (16 MB, five lanes), which fit an isolate of 128 MB.
// The parameters stand in the encoded text, so they can be raised later. An unknown account costs the same time as a
// wrong password, because it is checked against a hash nobody knows the password of.
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";

const PARAMETERS = { N: 2 ** 14, r: 8, p: 5 } as const;
const KEY_BYTES = 32;
const MAX_MEMORY = 64 * 1024 * 1024;

/** Same cost as a real one; its password was 32 random bytes that were thrown away. */
const NOBODYS_HASH = "scrypt$16384$8$5$aGVyZSBpcyBubyBzYWx0IQ$2lqBbjE5m1yoYjQ9mGxTNf4C1iQkz0b8V3c7r5uXW0A";

const derive = (password: string, salt: Uint8Array, options: ScryptOptions): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const text = password.normalize("NFKC");
    scrypt(text, salt, KEY_BYTES, { ...options, maxmem: MAX_MEMORY }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });

const encode = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");

/** Hashes a password with a fresh salt. */
export const hashPassword = async (password: string): Promise<string> => {
  const salt = randomBytes(16);
  const key = await derive(password, salt, PARAMETERS);
  const { N, r, p } = PARAMETERS;
  return `scrypt$${N}$${r}$${p}$${encode(salt)}$${encode(key)}`;
};

/** True when the password made this hash. `null` (no such account) takes the same time and is always false. */
export const verifyPassword = async (password: string, encoded: string | null): Promise<boolean> => {
  const [scheme, N, r, p, salt, expected] = (encoded ?? NOBODYS_HASH).split("$");
  if (scheme !== "scrypt" || salt === undefined || expected === undefined) return false;
  const key = await derive(password, Buffer.from(salt, "base64url"), { N: Number(N), r: Number(r), p: Number(p) });
  const wanted = Buffer.from(expected, "base64url");
  const same = wanted.length === key.length && timingSafeEqual(wanted, key);
  return encoded !== null && same;
};
