// A crowd of live listeners in a process of their own: raw sockets that look for a marker in the bytes and note the moment,
// so that the cost of listening does not hide the cost of delivering. SSE and WebSocket differ only in the handshake and in
// the acknowledgements a WebSocket listener owes.
import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

/** To the crowd: connect. */
export interface Gather {
  readonly kind: "gather";
  readonly transport: "sse" | "ws";
  readonly port: number;
  readonly path: string;
  readonly headers: readonly string[];
  readonly listeners: number;
}
/** To the crowd: note when each of you sees this marker. */
export interface Watch {
  readonly kind: "watch";
  readonly marker: string;
  readonly patienceMs: number;
}
/** From the crowd: epoch milliseconds at which each saw it, and the `at` the event carried. */
export interface Seen {
  readonly kind: "seen";
  readonly arrivals: Float64Array;
  readonly eventAt: number | null;
}

/** Rounds between acknowledgements of a WebSocket listener; the driver pauses after them, so that they burden no round. */
const ACK_EVERY = 10;
const CARRY_BYTES = 2_048;

class Listener {
  readonly socket: Socket;
  readonly #crowd: Crowd;
  #carry: Buffer = Buffer.alloc(0);
  #waiting = false;

  constructor(socket: Socket, crowd: Crowd) {
    this.socket = socket;
    this.#crowd = crowd;
  }

  expect(): void {
    this.#waiting = true;
  }

  take(chunk: Buffer): void {
    if (!this.#waiting) {
      this.#carry = chunk.subarray(-CARRY_BYTES);
      return;
    }
    const bytes = this.#carry.length === 0 ? chunk : Buffer.concat([this.#carry, chunk]);
    if (bytes.includes(this.#crowd.marker)) {
      this.#waiting = false;
      this.#crowd.saw(bytes);
    }
    this.#carry = bytes.subarray(-CARRY_BYTES);
  }
}

class Crowd {
  marker: Buffer = Buffer.from("\0never");
  #listeners: Listener[] = [];
  #arrivals: number[] = [];
  #eventAt: number | null = null;
  #lastSeq = 0;
  #rounds = 0;
  #transport: Gather["transport"] = "sse";
  #timer: NodeJS.Timeout | undefined;

  async gather(order: Gather): Promise<void> {
    this.#transport = order.transport;
    // In batches: this measures delivery, not how many connections a loopback accepts at once.
    for (let made = 0; made < order.listeners; made += 50) {
      const batch = Array.from({ length: Math.min(50, order.listeners - made) }, () => this.#connect(order));
      this.#listeners.push(...(await Promise.all(batch)));
    }
    process.send?.({ kind: "gathered" });
  }

  watch(order: Watch): void {
    this.marker = Buffer.from(order.marker);
    this.#arrivals = [];
    this.#eventAt = null;
    for (const listener of this.#listeners) listener.expect();
    this.#timer = setTimeout(() => this.#report(), order.patienceMs);
    process.send?.({ kind: "watching" });
  }

  saw(bytes: Buffer): void {
    this.#arrivals.push(performance.timeOrigin + performance.now());
    if (this.#arrivals.length === 1)
      this.#read(bytes.toString("utf8", Math.max(0, bytes.indexOf(this.marker) - 1_024)));
    if (this.#arrivals.length === this.#listeners.length) this.#report();
  }

  #acknowledge(): void {
    for (const { socket } of this.#listeners) socket.write(maskedFrame(`{"type":"ack","seq":${this.#lastSeq}}`));
  }

  #read(text: string): void {
    const at = [...text.matchAll(/"at":"([^"]+)"/g)].at(-1)?.[1];
    this.#eventAt = at === undefined ? null : Date.parse(at);
    this.#lastSeq = Number([...text.matchAll(/"seq":(\d+)/g)].at(-1)?.[1] ?? this.#lastSeq);
  }

  #report(): void {
    clearTimeout(this.#timer);
    this.marker = Buffer.from("\0never");
    process.send?.({
      kind: "seen",
      arrivals: Float64Array.from(this.#arrivals),
      eventAt: this.#eventAt,
    } satisfies Seen);
    if (this.#transport === "ws" && ++this.#rounds % ACK_EVERY === 0) this.#acknowledge();
  }

  #connect(order: Gather): Promise<Listener> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port: order.port, noDelay: true });
      const listener = new Listener(socket, this);
      let head = "";
      const greet = (chunk: Buffer) => {
        head += chunk.toString("latin1");
        if (!head.includes("\r\n\r\n")) return;
        if (!/^HTTP\/1\.1 (200|101) /.test(head))
          return reject(new Error(`A listener was refused: ${head.slice(0, 400)}`));
        socket.off("data", greet).on("data", (bytes) => listener.take(bytes));
        resolve(listener);
      };
      socket.on("data", greet).on("error", reject);
      socket.write(handshake(order));
    });
  }
}

function handshake(order: Gather): string {
  const upgrade = [
    ...[
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Protocol: retinue.live.v1",
    ],
    `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
  ];
  const own = order.transport === "ws" ? upgrade : ["Accept: text/event-stream"];
  return `${[`GET ${order.path} HTTP/1.1`, `Host: 127.0.0.1:${order.port}`, ...order.headers, ...own].join("\r\n")}\r\n\r\n`;
}

/** A client's text frame of fewer than 126 bytes (RFC 6455 §5.2). */
function maskedFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const mask = randomBytes(4);
  const masked = payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length]), mask, masked]);
}

const crowd = new Crowd();
process.on("message", (order: Gather | Watch) => {
  if (order.kind === "gather") {
    crowd.gather(order).catch((error: unknown) => {
      console.error(error);
      process.exit(1);
    });
  } else {
    crowd.watch(order);
  }
});
process.once("disconnect", () => process.exit());
