// The Qdrant double behind HTTP.
import { createServer } from "node:http";
import { onLoopback, textOf } from "./on-loopback.ts";
import { QdrantDouble } from "./qdrant.ts";
import { qdrantContract } from "./qdrant-contract.ts";

/** A listening double. */
export interface QdrantServer {
  readonly url: string;
  readonly double: QdrantDouble;
  close(): Promise<void>;
}

/** Starts one. */
export const startQdrant = async (apiKey: string | null = null): Promise<QdrantServer> => {
  const double = new QdrantDouble(apiKey, qdrantContract());
  const server = createServer(async (request, response) => {
    const key = request.headers["api-key"];
    const text = await textOf(request);
    const answer = double.handle(request.method ?? "GET", request.url ?? "/", String(key ?? ""), text);
    // Silence: the caller's own patience ends it.
    if (answer === null) return;
    const plain = typeof answer.body === "string";
    response.writeHead(answer.status, { "content-type": plain ? "text/html" : "application/json", ...answer.headers });
    response.end(plain ? answer.body : JSON.stringify(answer.body));
  });
  const { url, close } = await onLoopback(server);
  return { url, double, close };
};
