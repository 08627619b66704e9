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

const errorIn = (data: unknown): object | null => {
  if (typeof data !== "object" || data === null || !("error" in data) || !data.error) return null;
  return typeof data.error === "object" ? data.error : { message: String(data.error) };
};

/** Hands every chunk to `take`, until `[DONE]`, the end, or its wish. Throws an APIError for an error inside the stream. */
export const readChunks = async (response: Response, take: TakeChunk): Promise<void> => {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
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
      const read = await reader.read();
      if (read.done) {
        // A last event without its blank line is still an event to the servers that send it so.
        parser.feed(`${decoder.decode()}\n\n`);
        done = true;
      } else {
        sinceEvent += read.value.byteLength;
        parser.feed(decoder.decode(read.value, { stream: true }));
        if (sinceEvent > LONGEST_EVENT) throw new SyntaxError("an event without an end");
      }
      if (broken !== null) throw broken;
    }
  } finally {
    // Nothing more is wanted: the connection is given back, or closed.
    reader.cancel().catch(() => undefined);
  }
};
