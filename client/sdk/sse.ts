// Live events over server-sent events, for places where a WebSocket cannot go. Same promise as live.ts: resumes with
// `Last-Event-ID` after the last stored event handed out, no gap, no duplicate. The server comments every 15 s; a stream
// that stays silent much longer is dead and is opened again.
import { createParser, type EventSourceMessage } from "eventsource-parser";
import type { LiveFrame } from "#schema/frames.ts";
import { ApiError, errorOf, NoAnswer } from "./api-error.ts";
import { backoffDelay, pause, RECONNECT } from "./backoff.ts";
import type { Http } from "./http.ts";

/** How to listen. */
export interface SseOptions {
  readonly fromSeq?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly silentMs?: number;
}

const frameOf = (message: EventSourceMessage): LiveFrame => {
  const seq = message.id === undefined || message.id === "" ? null : Number(message.id);
  if (seq !== null && !Number.isSafeInteger(seq))
    throw new NoAnswer("The event stream sent an id that is no sequence number");
  try {
    const data: unknown = JSON.parse(message.data);
    if (typeof data === "object" && data !== null && !Array.isArray(data))
      return { seq, event: message.event ?? "message", data: { ...data } };
  } catch {
    // told below
  }
  throw new NoAnswer("The event stream sent data that is not a JSON object");
};

/** Listens on `path` until the signal fires, the reader stops, or the server refuses for good (ApiError). */
export async function* sse(http: Http, path: string, options: SseOptions = {}): AsyncGenerator<LiveFrame, void, void> {
  let cursor = options.fromSeq;
  let attempt = 0;
  let serverRetry = 0;
  while (!options.signal?.aborted) {
    const line = new AbortController();
    const signal = options.signal === undefined ? line.signal : AbortSignal.any([line.signal, options.signal]);
    let silence: ReturnType<typeof setTimeout> | undefined;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => line.abort(), options.silentMs ?? 45_000);
    };
    try {
      heard();
      const headers = {
        accept: "text/event-stream",
        ...(cursor === undefined ? {} : { "last-event-id": String(cursor) }),
      };
      const response = await http.send("GET", path, { headers, query: { from_seq: cursor }, stream: true, signal });
      if (!response.ok || response.body === null) throw await errorOf(response);
      const arrived: EventSourceMessage[] = [];
      const parser = createParser({
        onEvent: (message) => arrived.push(message),
        onRetry: (ms) => {
          serverRetry = Math.min(ms, RECONNECT.capMs);
        },
      });
      const decoder = new TextDecoder();
      for await (const chunk of response.body) {
        heard();
        parser.feed(decoder.decode(chunk, { stream: true }));
        for (const message of arrived.splice(0)) {
          const frame = frameOf(message);
          if (frame.seq !== null) {
            if (cursor !== undefined && frame.seq <= cursor) continue;
            cursor = frame.seq;
          }
          yield frame;
          heard();
          attempt = 0;
        }
      }
    } catch (error) {
      if (options.signal?.aborted) return;
      const passing =
        error instanceof ApiError
          ? error.status === 429 || error.status >= 500
          : error instanceof TypeError ||
            line.signal.aborted ||
            (error instanceof NoAnswer && error.cause !== undefined);
      if (!passing) throw error;
      if (error instanceof ApiError) serverRetry = Math.max(serverRetry, error.retryAfterMs ?? 0);
    } finally {
      clearTimeout(silence);
      line.abort();
    }
    await pause(
      Math.max(Math.min(serverRetry, 1_000), backoffDelay(RECONNECT, attempt++, Math.random())),
      options.signal,
    );
  }
}
