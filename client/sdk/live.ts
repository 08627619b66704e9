// Live events over the hibernatable WebSocket, as an async iterable that outlives connections. It resumes after the last
// stored event it handed out, so a reader sees each one once and in order, however often the line breaks. Signals (seq null)
// are live only: what was said while the line was down is not repeated.
import { LIVE_PROTOCOL, LiveFrame } from "#schema/frames.ts";
import { NoAnswer } from "./api-error.ts";
import { backoffDelay, pause, RECONNECT } from "./backoff.ts";
import { explainHandshake } from "./handshake.ts";
import type { Http } from "./http.ts";
import { streamDoor } from "./stream-door.ts";
import { connectText, type Heartbeat, type TextSocket } from "./text-socket.ts";

/** How to listen. */
export interface LiveOptions {
  /** Everything after this sequence number. Absent: from now on; then a break before the first stored event can lose some. */
  readonly fromSeq?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told when the line comes up and goes down. */
  readonly onLine?: ((up: boolean) => void) | undefined;
  readonly heartbeat?: Heartbeat | undefined;
}

// Well inside the server's window, in events and in characters: signals are not stored, but they fill the window too.
const ACK_EVENTS = 64;
const ACK_LENGTH = 256_000;
const STEADY_MS = 5_000;

const parse = (text: string): LiveFrame => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new NoAnswer("The live stream sent something that is not JSON");
  }
  const frame = LiveFrame.safeParse(json);
  if (!frame.success) throw new NoAnswer("The live stream sent a frame that does not fit its contract");
  return frame.data;
};

/** Listens on `path` until the signal fires, the reader stops, or the server refuses for good (ApiError). */
export async function* live(
  http: Http,
  path: string,
  options: LiveOptions = {},
): AsyncGenerator<LiveFrame, void, void> {
  let cursor = options.fromSeq;
  let attempt = 0;
  while (!options.signal?.aborted) {
    // A door that is not given is explained like one that does not open.
    const door = await streamDoor(http, path, cursor, options.signal).catch(() => null);
    const { heartbeat, signal } = options;
    const socket = door && (await connectText({ ...door, protocol: LIVE_PROTOCOL, heartbeat, signal }));
    let wait = 0;
    if (socket === null) {
      const query = cursor === undefined ? "" : `?from_seq=${cursor}`;
      wait = await explainHandshake(http, path + query, options.signal);
    } else {
      const since = Date.now();
      options.onLine?.(true);
      let events = 0;
      let length = 0;
      try {
        for await (const text of socket.messages) {
          const frame = parse(text);
          if (frame.seq !== null) {
            if (cursor !== undefined && frame.seq <= cursor) continue;
            cursor = frame.seq;
          }
          yield frame;
          attempt = 0;
          // Acknowledged only once the reader took it: the server can tell a slow reader from a fast one.
          if (frame.seq !== null) events++;
          length += text.length;
          if (events >= ACK_EVENTS || length >= ACK_LENGTH) {
            acknowledge(socket, cursor ?? 0);
            events = 0;
            length = 0;
          }
        }
      } finally {
        socket.close();
        options.onLine?.(false);
      }
      if (Date.now() - since > STEADY_MS) attempt = 0;
    }
    if (options.signal?.aborted) return;
    await pause(Math.max(wait, backoffDelay(RECONNECT, attempt++, Math.random())), options.signal);
  }
}

const acknowledge = (socket: TextSocket, seq: number): void => {
  socket.send(JSON.stringify({ type: "ack", seq }));
};
