// Proves that a callback came from QStash: an HS256 token over our exact URL and the exact bytes of the body, signed with the
// current key or the next one. Read here and not by the SDK's receiver, which takes tokens that never expire, checks the URL
// only when it is given one, and does not hand out the token's id, without which a replay cannot be told.
import { createHash, timingSafeEqual } from "node:crypto";
import { jwtVerify } from "jose";
import { z } from "zod";

/** What verifying needs. */
export interface SignatureSettings {
  readonly currentKey: string;
  readonly nextKey: string;
  /** The URL we gave as the destination. */
  readonly url: string;
}

const TOLERANCE_SECONDS = 5;
const Claims = z.object({ jti: z.string().min(1).max(200), body: z.string().min(1) });

const unpadded = (text: string): Buffer => Buffer.from(text.replace(/=+$/, ""));

/** The token's id when the signature holds; null when anything about it does not. */
export const proveCallback = async (
  { currentKey, nextKey, url }: SignatureSettings,
  signature: string,
  body: Uint8Array,
  now: number,
): Promise<string | null> => {
  for (const key of [currentKey, nextKey]) {
    const proven = await jwtVerify(signature, new TextEncoder().encode(key), {
      algorithms: ["HS256"],
      issuer: "Upstash",
      subject: url,
      requiredClaims: ["iat", "exp", "nbf", "jti", "body"],
      clockTolerance: TOLERANCE_SECONDS,
      currentDate: new Date(now),
    }).catch(() => null);
    const claims = proven === null ? null : Claims.safeParse(proven.payload);
    if (!claims?.success) continue;
    const hash = createHash("sha256").update(body).digest("base64url");
    const [said, found] = [unpadded(claims.data.body), unpadded(hash)];
    return said.length === found.length && timingSafeEqual(said, found) ? claims.data.jti : null;
  }
  return null;
};
