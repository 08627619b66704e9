// Somebody who listens to server-sent events over a connection of their own, as any HTTP client could: to hear exactly what
// was sent, to stop reading, or to vanish. Never reconnects by itself.
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { createParser, type EventSourceMessage } from "eventsource-parser";

/** How to listen. */
export interface WireOptions {
  readonly token?: string;
  readonly lastEventId?: number;
}

/** One open stream. */
export class WireListener {
  readonly events: EventSourceMessage[] = [];
  readonly status: number;
  /** Whether the stream has ended, however it did. */
  ended = false;
  readonly #response: IncomingMessage;

  private constructor(response: IncomingMessage) {
    this.#response = response;
    this.status = response.statusCode ?? 0;
    const parser = createParser({ onEvent: (event) => this.events.push(event) });
    response.setEncoding("utf8").on("data", (text: string) => parser.feed(text));
    response.on("close", () => {
      this.ended = true;
    });
    // A torn connection is an end like any other here.
    response.on("error", () => {});
  }

  /** Connects, and waits for the headers. */
  static async open(url: string, path: string, { token, lastEventId }: WireOptions = {}): Promise<WireListener> {
    const request = get(url + path, {
      agent: false,
      headers: {
        accept: "text/event-stream",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(lastEventId === undefined ? {} : { "last-event-id": String(lastEventId) }),
      },
    });
    const [response]: IncomingMessage[] = await once(request, "response");
    if (response === undefined) throw new Error("there was no response");
    request.on("error", () => {});
    return new WireListener(response);
  }

  /** The sequence numbers that came, in the order they came. */
  get seqs(): number[] {
    return this.events.flatMap(({ id }) => (id === undefined ? [] : [Number(id)]));
  }

  get lastSeq(): number {
    return this.seqs.at(-1) ?? 0;
  }

  /** Takes nothing more, and stays. */
  stopReading(): void {
    this.#response.pause();
  }

  /** Goes without a word. */
  vanish(): void {
    this.#response.socket.resetAndDestroy();
  }
}
