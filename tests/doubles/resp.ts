// A Redis connection in as few words as possible: one socket, commands written in order, replies matched in order.
import { connect, type Socket } from "node:net";

/** What Redis says: a string, a number, nothing, a list, or an error as a value. */
export type Reply = string | number | null | Reply[] | RespError;

/** An error reply. */
export class RespError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** One connection over a Unix socket. */
export class RespConnection {
  readonly #socket: Socket;
  readonly #waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void }[] = [];
  #received = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#drain();
    });
    socket.on("close", () => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error("connection closed"));
    });
    socket.on("error", () => {});
  }

  static open(path: string): Promise<RespConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect(path);
      socket.once("connect", () => resolve(new RespConnection(socket)));
      socket.once("error", reject);
    });
  }

  /** Sends one command. Commands sent in the same turn stay next to each other. */
  send(command: readonly (string | number)[]): Promise<Reply> {
    const parts = command.map((part) => `$${Buffer.byteLength(String(part))}\r\n${part}\r\n`);
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) return reject(new Error("connection closed"));
      this.#waiting.push({ resolve, reject });
      this.#socket.write(`*${parts.length}\r\n${parts.join("")}`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #drain(): void {
    let at = 0;
    for (let read = parse(this.#received, at); read !== null; read = parse(this.#received, at)) {
      at = read.end;
      this.#waiting.shift()?.resolve(read.reply);
    }
    this.#received = this.#received.subarray(at);
  }
}

// One reply beginning at `at`, or null while it is incomplete.
const parse = (bytes: Buffer, at: number): { reply: Reply; end: number } | null => {
  const lineEnd = bytes.indexOf("\r\n", at);
  if (lineEnd < 0) return null;
  const line = bytes.toString("utf8", at + 1, lineEnd);
  const end = lineEnd + 2;
  switch (bytes.toString("latin1", at, at + 1)) {
    case "+":
      return { reply: line, end };
    case "-":
      return { reply: new RespError(line), end };
    case ":":
      return { reply: Number(line), end };
    case "$": {
      const size = Number(line);
      if (size < 0) return { reply: null, end };
      return bytes.length < end + size + 2
        ? null
        : { reply: bytes.toString("utf8", end, end + size), end: end + size + 2 };
    }
    case "*":
      return parseList(bytes, Number(line), end);
    default:
      throw new Error(`not RESP: ${line}`);
  }
};

const parseList = (bytes: Buffer, size: number, start: number): { reply: Reply; end: number } | null => {
  if (size < 0) return { reply: null, end: start };
  const items: Reply[] = [];
  let end = start;
  while (items.length < size) {
    const item = parse(bytes, end);
    if (item === null) return null;
    items.push(item.reply);
    end = item.end;
  }
  return { reply: items, end };
};
