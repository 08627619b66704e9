// A closed loop of HTTP calls: so many callers, each with its own kept-alive connection, the next call when the last has
// its whole answer. Bounded by calls and by time.
import { Agent, request } from "node:http";

/** One call to make. */
export interface Call {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What came of it. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly milliseconds: number;
}

/** The outcome of a loop. */
export interface LoadResult {
  readonly answers: readonly { readonly id: string; readonly answer: Answer }[];
  readonly seconds: number;
}

/** Runs `callers` loops until `calls` are made or the time is over. `next` gives the call of a caller's turn. */
export async function runLoad(
  options: { readonly callers: number; readonly calls: number; readonly seconds: number },
  next: (caller: number, id: string) => Call,
): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: options.callers });
  const answers: { id: string; answer: Answer }[] = [];
  const tag = Math.random().toString(36).slice(2, 8);
  const began = performance.now();
  let made = 0;
  const caller = async (index: number) => {
    while (made < options.calls && performance.now() - began < options.seconds * 1000) {
      const id = `${tag}-${made++}`;
      answers.push({ id, answer: await send(next(index, id), agent) });
    }
  };
  try {
    await Promise.all(Array.from({ length: options.callers }, (_, index) => caller(index)));
  } finally {
    agent.destroy();
  }
  return { answers, seconds: (performance.now() - began) / 1000 };
}

/** One call, measured until the last byte of its answer. */
export function send(call: Call, agent?: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const body = call.body === undefined ? undefined : Buffer.from(call.body);
    const headers = {
      ...call.headers,
      ...(body === undefined ? {} : { "content-type": "application/json", "content-length": String(body.byteLength) }),
    };
    const outgoing = request(call.url, { method: call.method, headers, agent, timeout: 60_000 }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(parts).toString("utf8"),
          milliseconds: performance.now() - began,
        }),
      );
    });
    outgoing.on("timeout", () => outgoing.destroy(new Error(`${call.method} ${call.url} took more than a minute.`)));
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** Sends and insists on success; the parsed body. */
export async function sendJson(call: Call): Promise<unknown> {
  const answer = await send(call);
  if (answer.status >= 300)
    throw new Error(`${call.method} ${call.url} answered ${answer.status}: ${answer.text.slice(0, 500)}`);
  return JSON.parse(answer.text);
}
