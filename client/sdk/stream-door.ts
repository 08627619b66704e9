// Where a live stream's socket is opened and what proves the caller there: the bearer token in a header, or, where sockets
// carry none, a ticket that opens this one path once within a minute.
import { StreamTicket } from "#schema/api/chat.ts";
import type { Http } from "./http.ts";

/** An address to open a socket at, with the token to send along. */
export interface StreamDoor {
  readonly url: string;
  readonly token: string | null;
}

/** The door of a stream; throws when no ticket is given. */
export const streamDoor = async (http: Http, path: string, fromSeq: number | undefined, signal?: AbortSignal) => {
  const query = new URLSearchParams(fromSeq === undefined ? {} : { from_seq: String(fromSeq) });
  let token: string | null = null;
  if (http.ticketed) {
    const body = { path };
    const { ticket } = await http.call("POST", "/my/stream-tickets", StreamTicket, { body, keyed: false, signal });
    query.set("ticket", ticket);
  } else token = await http.credentials.token();
  const after = query.size === 0 ? "" : `?${query}`;
  return { url: http.url.replace(/^http/, "ws") + path + after, token } satisfies StreamDoor;
};
