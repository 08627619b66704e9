// Memory under a passphrase. The key is derived here (scrypt, a random salt for each user), kept in memory for ten minutes at
// most under the passphrase's hash, and never written down. A check value tells a wrong passphrase; without the right one the
// rows are noise, to us as well.
import { createCipheriv, createDecipheriv, createHash, randomBytes, scrypt } from "node:crypto";
import { ok, type Result, refuse } from "#schema/result.ts";

const PARAMETERS = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 } as const;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CACHED_MS = 10 * 60_000;
const LOCK = "lock";
const CHECK_PLACE = "check";
const CHECK_TEXT = "retinue memory";

/** What is kept of the lock. `check` is null until something is sealed under it. */
interface Lock {
  readonly salt: string;
  readonly check: string | null;
}

/** A derived key. What was opened with it is forgotten with it. */
export interface VaultKey {
  readonly bytes: Uint8Array;
  readonly salt: string;
  readonly opened: Map<string, { readonly at: number; readonly text: string }>;
}

type Kept = Pick<SyncKvStorage, "get" | "put" | "delete">;

const fresh = (): Lock => ({ salt: randomBytes(16).toString("base64url"), check: null });

export class Vault {
  readonly #kv: Kept;
  readonly #owner: () => string;
  readonly #now: () => number;
  readonly #keys = new Map<string, { readonly key: VaultKey; readonly until: number }>();
  /** One derivation at a time: each takes 32 MB. */
  #deriving: Promise<unknown> = Promise.resolve();

  constructor(kv: Kept, owner: () => string, now: () => number) {
    this.#kv = kv;
    this.#owner = owner;
    this.#now = now;
  }

  /** True when something was sealed. */
  get locked(): boolean {
    return this.#lock().check !== null;
  }

  /** The key of a passphrase (null of none); a wrong one is refused. Nothing is written but, once, a salt. */
  async key(passphrase: string | null): Promise<Result<VaultKey | null>> {
    if (passphrase === null) return ok(null);
    const key = await this.#derive(passphrase, this.#lock().salt);
    return this.#fits(key) ? ok(key) : refuse("memory_passphrase_wrong");
  }

  /** A key for a new passphrase, under a salt of its own. It opens nothing until it is turned to. */
  async newKey(passphrase: string): Promise<VaultKey> {
    return await this.#derive(passphrase, fresh().salt);
  }

  /** Just before the first seal: from now on this key is the one. Another may have come first meanwhile. */
  adopt(key: VaultKey): Result<void> {
    if (!this.#fits(key)) return refuse("memory_passphrase_wrong");
    if (!this.locked) this.turnTo(key);
    return ok(undefined);
  }

  /** From now on this key is the one, or (null) there is none, and the next passphrase that comes is as good as any. */
  turnTo(key: VaultKey | null): void {
    this.#kv.put<Lock>(
      LOCK,
      key === null ? fresh() : { salt: key.salt, check: this.seal(key, CHECK_PLACE, CHECK_TEXT) },
    );
    if (key === null) this.#keys.clear();
  }

  /** Encrypts a text for its place; it cannot be opened in another. */
  seal(key: VaultKey, place: string, text: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", key.bytes, nonce);
    cipher.setAAD(this.#bound(place));
    const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64url");
  }

  /** Opens what was sealed for this place; null: another key, or changed. */
  open(key: VaultKey, place: string, sealed: string): string | null {
    const bytes = Buffer.from(sealed, "base64url");
    if (bytes.length < NONCE_BYTES + TAG_BYTES) return null;
    try {
      const decipher = createDecipheriv("aes-256-gcm", key.bytes, bytes.subarray(0, NONCE_BYTES));
      decipher.setAAD(this.#bound(place));
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString(
        "utf8",
      );
    } catch {
      return null;
    }
  }

  #bound(place: string): Uint8Array {
    return Buffer.from(`${this.#owner()}\n${place}`);
  }

  #lock(): Lock {
    const kept = this.#kv.get<Lock>(LOCK);
    if (kept !== undefined) return kept;
    const lock = fresh();
    this.#kv.put<Lock>(LOCK, lock);
    return lock;
  }

  // The lock may have been changed while the key was derived.
  #fits(key: VaultKey): boolean {
    const { salt, check } = this.#lock();
    return key.salt === salt && (check === null || this.open(key, CHECK_PLACE, check) === CHECK_TEXT);
  }

  async #derive(passphrase: string, salt: string): Promise<VaultKey> {
    const text = spoken(passphrase).normalize("NFKC");
    const name = createHash("sha256").update(`${salt}\n${text}`).digest("base64url");
    const known = (): VaultKey | null => {
      for (const [each, { until }] of this.#keys) if (until <= this.#now()) this.#keys.delete(each);
      return this.#keys.get(name)?.key ?? null;
    };
    const deriving = this.#deriving.then(async () => {
      const already = known();
      if (already !== null) return already;
      const bytes = await new Promise<Uint8Array>((resolve, reject) => {
        scrypt(text, Buffer.from(salt, "base64url"), KEY_BYTES, PARAMETERS, (error, key) =>
          error === null ? resolve(key) : reject(error),
        );
      });
      const key: VaultKey = { bytes, salt, opened: new Map() };
      this.#keys.set(name, { key, until: this.#now() + CACHED_MS });
      return key;
    });
    this.#deriving = deriving.catch(() => undefined);
    return await deriving;
  }
}

/** A header carries words of any language percent-encoded, a body carries them as they are: both are the same passphrase. */
const spoken = (passphrase: string): string => {
  try {
    return decodeURIComponent(passphrase);
  } catch {
    return passphrase;
  }
};
