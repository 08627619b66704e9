// Reads the chunks of a streamed completion from its response. The SDK makes the request; reading its stream through the
// SDK's layers of async iterators took more CPU than everything else in a direct call, so here whatever one read brings is
// parsed in one go (WHATWG server-sent events, by eventsource-parser).
import { createParser } from "eventsource-parser";
import { APIError } from "openai";
import type { ChatCompletionChunk } from "openai/resources/chat/completions";

/** Takes one chunk; false stops the reading. */
export type TakeChunk = (chunk: ChatCompletionChunk) => boolean;

/** Bytes that may come without an event: a line that never ends must not fill the memory. */
const LONGEST_EVENT = 8_000_000;
/** Bytes one read may bring. */
const ROOM = 16_384;

const errorIn = (data: unknown): object | null => {
  if (typeof data !== "object" || data === null || !("error" in data) || !data.error) return null;
  return typeof data.error === "object" ? data.error : { message: String(data.error) };
};

interface Reader {
  /** What came; null at the end. Gone at the next read. */
  read(): Promise<Uint8Array | null>;
  cancel(): Promise<void>;
}

// A read brings a token, and would take four thousand bytes of memory for it: where the stream allows, all reads share theirs.
const readerOf = (body: ReadableStream<Uint8Array>): Reader => {
  const reader = readerOfBytes(body);
  if (reader === null) {
    const values = body.getReader();
    return { read: async () => (await values.read()).value ?? null, cancel: () => values.cancel() };
  }
  let room = new Uint8Array(ROOM);
  return {
    read: async () => {
      const { done, value } = await reader.read(room);
      if (done) return null;
      room = new Uint8Array(value.buffer);
      return value;
    },
    cancel: () => reader.cancel(),
  };
};

/** Null: the stream is one of values that happen to be bytes. */
const readerOfBytes = (body: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | null => {
  try {
    return body.getReader({ mode: "byob" });
  } catch {
    return null;
  }
};

/** Hands every chunk to `take`, until `[DONE]`, the end, or its wish. Throws an APIError for an error inside the stream. */
export const readChunks = async (response: Response, take: TakeChunk): Promise<void> => {
  if (response.body === null) return;
  const reader = readerOf(response.body);
  let done = false;
  let sinceEvent = 0;
  let broken: unknown = null;
  const parser = createParser({
    onEvent: ({ data, event }) => {
      sinceEvent = 0;
      if (done || broken !== null) return;
      if (data.startsWith("[DONE]")) {
        done = true;
        return;
      }
      try {
        const chunk = JSON.parse(data);
        const error = errorIn(chunk) ?? (event === "error" ? { message: data } : null);
        if (error !== null) throw new APIError(undefined, error, undefined, response.headers);
        if (!take(chunk)) done = true;
      } catch (caught) {
        broken = caught;
      }
    },
  });
  const decoder = new TextDecoder();
  try {
    while (!done) {
      const bytes = await reader.read();
      if (bytes === null) {
        // A last event without its blank line is still an event to the servers that send it so.
        parser.feed(`${decoder.decode()}\n\n`);
        done = true;
      } else {
        sinceEvent += bytes.byteLength;
        parser.feed(decoder.decode(bytes, { stream: true }));
        if (sinceEvent > LONGEST_EVENT) throw new SyntaxError("an event without an end");
      }
      if (broken !== null) throw broken;
    }
  } finally {
    // Nothing more is wanted: the connection is given back, or closed.
    reader.cancel().catch(() => undefined);
  }
};
