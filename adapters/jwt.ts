// Access tokens. Ours: HS256 by a keyring, 15 minutes, chosen by `kid`. Others': only issuers that were configured, only
// asymmetric algorithms, keys from their JWKS. Every check that jose leaves off by default is demanded here.
import { createRemoteJWKSet, decodeJwt, type JWTPayload, type JWTVerifyOptions, jwtVerify, SignJWT } from "jose";
import { isId, type SessionId, type UserId } from "#schema/ids.ts";
import { Tier } from "#schema/principal.ts";
import type { Clock } from "./clock.ts";
import { Kept } from "./kept.ts";
import type { Keyring } from "./keyring.ts";

/** Seconds an access token lives. */
export const ACCESS_TOKEN_SECONDS = 15 * 60;

const TYP = "at+jwt";
/** Tokens of ours that are kept with what they proved. */
const MOST_PROVEN = 2_000;
const REQUIRED = ["exp", "iat", "jti", "sub"];

/** Algorithms an external issuer may sign with; a shared-secret algorithm would let its public key forge tokens. */
export const ASYMMETRIC_ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
] as const;

/** Another token issuer that is trusted. */
export interface ExternalIssuer {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: string;
  readonly algorithms: readonly (typeof ASYMMETRIC_ALGORITHMS)[number][];
  /** The `typ` its access tokens carry. */
  readonly typ: string;
}

export interface TokenSettings {
  readonly keys: Keyring;
  readonly issuer: string;
  readonly audience: string;
  readonly externals: readonly ExternalIssuer[];
}

/** What a valid token proved. */
export type ProvenToken =
  | {
      readonly kind: "own";
      readonly userId: UserId;
      readonly sessionId: SessionId;
      readonly tier: Tier;
      readonly jti: string;
      readonly expiresAt: number;
    }
  | {
      readonly kind: "external";
      readonly issuer: string;
      readonly subject: string;
      readonly jti: string;
      readonly expiresAt: number;
    };

/** Issues and verifies access tokens. */
export interface AccessTokens {
  issue(
    user: { readonly id: UserId; readonly tier: Tier },
    sessionId: SessionId,
  ): Promise<{ token: string; expiresAt: number }>;
  /** Null for everything that is not a valid token, without saying why. */
  verify(token: string): Promise<ProvenToken | null>;
}

/** The access tokens of an installation. */
export const accessTokens = (settings: TokenSettings, now: Clock): AccessTokens => {
  const secrets = new Map(settings.keys.map(({ kid, secret }) => [kid, secret]));
  const externals = new Map(
    settings.externals.map((it) => [it.issuer, { ...it, keys: createRemoteJWKSet(new URL(it.jwksUrl)) }]),
  );
  const [signer] = settings.keys;

  // Imported once for each kid: importing it again for every request costs more than the verification.
  const imported = new Map<string, CryptoKey>();
  const verificationKey = async (kid: string | undefined): Promise<CryptoKey> => {
    const known = kid === undefined ? undefined : imported.get(kid);
    if (known !== undefined) return known;
    const secret = kid === undefined ? undefined : secrets.get(kid);
    if (kid === undefined || secret === undefined) throw new Error("unknown kid");
    // A copy, because a key must lie in memory that no other thread could change.
    const key = await crypto.subtle.importKey("raw", new Uint8Array(secret), { name: "HMAC", hash: "SHA-256" }, false, [
      "verify",
    ]);
    imported.set(kid, key);
    return key;
  };

  // What a token of ours proves follows from it and the keyring alone, but for its end. One that proved nothing is not kept.
  const proven = new Kept<ProvenToken>(MOST_PROVEN);
  const own = async (token: string): Promise<ProvenToken | null> => {
    const known = proven.get(token);
    if (known !== undefined) return known.expiresAt > Math.floor(now() / 1000) ? known : null;
    const made = await proveOwn(token);
    if (made !== null) proven.set(token, made);
    return made;
  };

  const proveOwn = async (token: string): Promise<ProvenToken | null> => {
    const options = demands(
      { algorithms: ["HS256"], issuer: settings.issuer, audience: settings.audience, typ: TYP },
      now,
    );
    const { payload } = await jwtVerify(token, ({ kid }) => verificationKey(kid), options);
    const { sub = "", jti = "", exp = 0, sid } = payload;
    const tier = Tier.safeParse(payload.tier);
    if (!isId("user", sub) || typeof sid !== "string" || !isId("session", sid) || !tier.success) return null;
    return { kind: "own", userId: sub, sessionId: sid, tier: tier.data, jti, expiresAt: exp };
  };

  const external = async (token: string, issuer: string): Promise<ProvenToken | null> => {
    const trusted = externals.get(issuer);
    if (trusted === undefined) return null;
    const { audience, typ } = trusted;
    const options = demands({ algorithms: [...trusted.algorithms], issuer, audience, typ }, now);
    const { payload } = await jwtVerify(token, trusted.keys, options);
    const { sub = "", jti = "", exp = 0 } = payload;
    if (sub.length === 0 || sub.length > 255) return null;
    return { kind: "external", issuer, subject: sub, jti, expiresAt: exp };
  };

  return {
    async issue(user, sessionId) {
      const issuedAt = Math.floor(now() / 1000);
      const expiresAt = issuedAt + ACCESS_TOKEN_SECONDS;
      const token = await new SignJWT({ sid: sessionId, tier: user.tier })
        .setProtectedHeader({ alg: "HS256", typ: TYP, kid: signer.kid })
        .setIssuer(settings.issuer)
        .setAudience(settings.audience)
        .setSubject(user.id)
        .setJti(crypto.randomUUID())
        .setIssuedAt(issuedAt)
        .setExpirationTime(expiresAt)
        .sign(signer.secret);
      return { token, expiresAt };
    },

    async verify(token) {
      try {
        const issuer = externals.size === 0 ? settings.issuer : unprovenIssuer(token);
        return issuer === settings.issuer ? await own(token) : await external(token, issuer);
      } catch {
        return null;
      }
    },
  };
};

/** Only chooses which keys to try; nothing of it is believed before the signature is checked. */
const unprovenIssuer = (token: string): string => {
  const { iss }: JWTPayload = decodeJwt(token);
  return iss ?? "";
};

const demands = (
  options: Pick<JWTVerifyOptions, "algorithms" | "issuer" | "audience" | "typ">,
  now: Clock,
): JWTVerifyOptions => ({
  ...options,
  requiredClaims: REQUIRED,
  currentDate: new Date(now()),
});
