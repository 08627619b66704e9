// The text of a stream ticket: whose it is, a secret, and a MAC over both. The MAC lets a door refuse a forged ticket
// before any object of the named user is touched; that it is used once, and for which path, is kept in short state.
import { isId, type UserId } from "#schema/ids.ts";
import { type Keyring, macFits, macOf, randomToken, sha256Hex } from "./keyring.ts";

/** A fresh ticket for a user. */
export const newTicket = (ring: Keyring, userId: UserId): { readonly text: string; readonly hash: string } => {
  const body = `${userId}.${randomToken("")}`;
  const text = `${body}.${macOf(ring[0], "stream-ticket", body)}`;
  return { text, hash: sha256Hex(text) };
};

/** Whose ticket it is, or null when we never wrote it. */
export const readTicket = (ring: Keyring, text: string): { readonly userId: UserId; readonly hash: string } | null => {
  const [userId = "", secret = "", mac = ""] = text.split(".");
  if (!isId("user", userId) || !macFits(ring, "stream-ticket", `${userId}.${secret}`, mac)) return null;
  return { userId, hash: sha256Hex(text) };
};
