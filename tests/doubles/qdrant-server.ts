// The Qdrant double behind HTTP.
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { QdrantDouble } from "./qdrant.ts";
import { qdrantContract } from "./qdrant-contract.ts";

/** A listening double. */
export interface QdrantServer {
  readonly url: string;
  readonly double: QdrantDouble;
  close(): Promise<void>;
}

const textOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
};

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
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    double,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};
