// A WebSocket that carries text and notices when the other side is gone. Node's WebSocket (undici) takes headers, so the
// bearer token never stands in the URL; a browser's takes none, and comes with a ticket instead. The server answers the text "ping" with "pong" without waking its object; when
// nothing at all arrives after a ping, the connection is given up, because a half-open one never tells.

/** When to ask whether the other side is there, and how long to wait for any sign of it. */
export interface Heartbeat {
  readonly everyMs: number;
  readonly silentMs: number;
}

export const HEARTBEAT: Heartbeat = { everyMs: 20_000, silentMs: 10_000 };
const HANDSHAKE_MS = 15_000;

/** How a connection ended. */
export interface Ending {
  readonly code: number;
  readonly reason: string;
  /** True when the other side fell silent and we left. */
  readonly silent: boolean;
}

/** An open connection. `messages` yields in order and ends with the connection; nothing received before is lost. */
export interface TextSocket {
  readonly messages: AsyncIterable<string>;
  readonly ended: Promise<Ending>;
  /** False when the connection is no longer there. */
  send(text: string): boolean;
  close(code?: number, reason?: string): void;
}

/** How to open one. */
export interface SocketTarget {
  readonly url: string;
  readonly protocol: string;
  /** Null when the address proves the caller by itself. */
  readonly token: string | null;
  readonly heartbeat?: Heartbeat | undefined;
  readonly signal?: AbortSignal | undefined;
}

// lib.dom knows no headers option; Node's constructor takes an object of protocols and headers.
const open = ({ url, protocol, token }: SocketTarget): WebSocket =>
  token === null
    ? new WebSocket(url, [protocol])
    : Reflect.construct(WebSocket, [url, { protocols: [protocol], headers: { authorization: `Bearer ${token}` } }]);

/** Connects; null when the handshake failed (a WebSocket does not say why: ask by HTTP). */
export const connectText = (target: SocketTarget): Promise<TextSocket | null> =>
  new Promise((resolve) => {
    if (target.signal?.aborted) {
      resolve(null);
      return;
    }
    const beat = target.heartbeat ?? HEARTBEAT;
    const socket = open(target);
    const waiting: string[] = [];
    let wake: (() => void) | null = null;
    let opened = false;
    let ending: Ending | null = null;
    let resolveEnded: (ending: Ending) => void = () => {};
    const ended = new Promise<Ending>((settle) => {
      resolveEnded = settle;
    });
    let pingTimer: ReturnType<typeof setTimeout> | undefined;
    let silenceTimer: ReturnType<typeof setTimeout> | undefined;
    const handshakeTimer = setTimeout(
      () => finish({ code: 1006, reason: "the handshake took too long", silent: true }),
      HANDSHAKE_MS,
    );

    const finish = (how: Ending) => {
      if (ending !== null) return;
      ending = how;
      clearTimeout(handshakeTimer);
      clearTimeout(pingTimer);
      clearTimeout(silenceTimer);
      target.signal?.removeEventListener("abort", abort);
      if (socket.readyState < WebSocket.CLOSING) socket.close(how.code >= 3000 || how.code === 1000 ? how.code : 1000);
      resolveEnded(how);
      wake?.();
      if (!opened) resolve(null);
    };
    const abort = () => finish({ code: 1000, reason: "stopped", silent: false });
    const scheduleDoubt = () => {
      clearTimeout(pingTimer);
      clearTimeout(silenceTimer);
      pingTimer = setTimeout(() => {
        if (socket.readyState === WebSocket.OPEN) socket.send("ping");
        silenceTimer = setTimeout(
          () => finish({ code: 4000, reason: "the other side fell silent", silent: true }),
          beat.silentMs,
        );
      }, beat.everyMs);
    };
    async function* read(): AsyncGenerator<string> {
      for (;;) {
        const next = waiting.shift();
        if (next !== undefined) yield next;
        else if (ending !== null) return;
        else
          await new Promise<void>((settle) => {
            wake = settle;
          });
      }
    }

    target.signal?.addEventListener("abort", abort, { once: true });
    socket.addEventListener("open", () => {
      if (ending !== null) return;
      opened = true;
      clearTimeout(handshakeTimer);
      scheduleDoubt();
      resolve({
        messages: { [Symbol.asyncIterator]: read },
        ended,
        send: (text) => {
          if (ending !== null || socket.readyState !== WebSocket.OPEN) return false;
          socket.send(text);
          return true;
        },
        close: (code = 1000, reason = "") => finish({ code, reason, silent: false }),
      });
    });
    socket.addEventListener("message", (event) => {
      if (ending !== null) return;
      scheduleDoubt();
      if (typeof event.data !== "string" || event.data === "pong") return;
      waiting.push(event.data);
      wake?.();
    });
    socket.addEventListener("close", (event) => finish({ code: event.code, reason: event.reason, silent: false }));
    socket.addEventListener("error", () => finish({ code: 1006, reason: "the connection broke", silent: false }));
  });
