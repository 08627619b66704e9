// The QStash double behind HTTP, for processes: its API listens on loopback, and its deliveries are real requests.
import { createServer } from "node:http";
import { bodyOf, onLoopback } from "./on-loopback.ts";
import { QstashDouble, type QstashDoubleParts } from "./qstash.ts";

/** A listening double. */
export interface QstashServer {
  readonly url: string;
  readonly double: QstashDouble;
  close(): Promise<void>;
}

/** Starts one. */
export const startQstash = async (parts: QstashDoubleParts): Promise<QstashServer> => {
  const double = new QstashDouble(parts);
  const server = createServer(async (request, response) => {
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers))
      if (value !== undefined) headers.set(name, String(value));
    const method = request.method ?? "GET";
    const body = await bodyOf(request);
    const asked = new Request(`http://127.0.0.1${request.url ?? "/"}`, {
      method,
      headers,
      ...(body.length === 0 ? {} : { body: new Uint8Array(body) }),
    });
    const answer = await double.handle(asked);
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "text/plain" });
    response.end(await answer.text());
  });
  const { url, close } = await onLoopback(server);
  return { url, double, close };
};
