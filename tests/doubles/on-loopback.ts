// What every double that listens shares: a port of its own on 127.0.0.1, an end that waits for nobody, and a request's body.
import { once } from "node:events";
import { Server as HttpServer, type IncomingMessage } from "node:http";
import type { Server } from "node:net";

/** Where a server listens, and its end. */
export interface Listening {
  readonly port: number;
  readonly url: string;
  /** Breaks off whoever is still connected. */
  close(): Promise<void>;
}

/** Has a server listen on loopback; 0: on any free port. */
export const onLoopback = async (server: Server, port = 0): Promise<Listening> => {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      if (server instanceof HttpServer) server.closeAllConnections();
      await closed;
    },
  };
};

/** Everything a request carries. */
export const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
};

/** The same as text. */
export const textOf = async (request: IncomingMessage): Promise<string> => (await bodyOf(request)).toString("utf8");
