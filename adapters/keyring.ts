// What is derived from the installation's keys: one key per purpose (HKDF-SHA-256), so that no two uses ever share one.
// Also the two primitives every credential here is made of: a random token, and the hash under which it is kept.
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";

/** A key of the installation. The first of a ring signs; all of them verify. */
export interface AuthKey {
  readonly kid: string;
  readonly secret: Uint8Array;
}

/** At least one key. */
export type Keyring = readonly [AuthKey, ...AuthKey[]];

/** What a derived key is for. */
export type KeyPurpose = "refresh-successor" | "stream-ticket" | "stored-answer" | "request-fingerprint";

const SALT = "retinue/v1";

const derived = (key: AuthKey, purpose: KeyPurpose): Uint8Array =>
  new Uint8Array(hkdfSync("sha256", key.secret, SALT, purpose, 32));

/** HMAC-SHA-256 of a text under the purpose's key, base64url. */
export const macOf = (key: AuthKey, purpose: KeyPurpose, text: string): string =>
  createHmac("sha256", derived(key, purpose)).update(text).digest("base64url");

/** True when any key of the ring made this MAC; compares in constant time. */
export const macFits = (ring: Keyring, purpose: KeyPurpose, text: string, mac: string): boolean =>
  ring.some((key) => {
    const wanted = Buffer.from(macOf(key, purpose, text));
    const given = Buffer.from(mac);
    return wanted.length === given.length && timingSafeEqual(wanted, given);
  });

/** SHA-256 in hex: the form in which tokens and keys are stored and compared. */
export const sha256Hex = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");

/** 256 random bits, base64url, after a prefix that says what it is. */
export const randomToken = (prefix: string): string => `${prefix}${randomBytes(32).toString("base64url")}`;

/** Encrypts (AES-256-GCM) with the first key; `context` must be the same when it is opened. */
export const seal = (ring: Keyring, purpose: KeyPurpose, context: string, text: string): string => {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", derived(ring[0], purpose), nonce);
  cipher.setAAD(Buffer.from(context));
  const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return `${ring[0].kid}.${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64url")}`;
};

/** Opens what `seal` made, or null: unknown key, other context, or changed text. */
export const unseal = (ring: Keyring, purpose: KeyPurpose, context: string, sealed: string): string | null => {
  const dot = sealed.lastIndexOf(".");
  const key = ring.find(({ kid }) => kid === sealed.slice(0, dot));
  const bytes = Buffer.from(sealed.slice(dot + 1), "base64url");
  if (key === undefined || bytes.length < 28) return null;
  try {
    const decipher = createDecipheriv("aes-256-gcm", derived(key, purpose), bytes.subarray(0, 12));
    decipher.setAAD(Buffer.from(context));
    decipher.setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8");
  } catch {
    return null;
  }
};
