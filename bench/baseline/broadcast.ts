// The least a live server can do: Node writes one event to every open response. No log, no cursor, no isolation.
import { createServer, type ServerResponse } from "node:http";
import { serveOn } from "../child.ts";

const listeners = new Set<ServerResponse>();

serveOn(
  createServer((request, response) => {
    if (request.method === "GET") {
      response
        .writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" })
        .write(": hello\n\n");
      listeners.add(response);
      response.on("close", () => listeners.delete(response));
      return;
    }
    let body = "";
    request.setEncoding("utf8").on("data", (part: string) => {
      body += part;
    });
    request.on("end", () => {
      const event = `id: 1\nevent: room_renamed\ndata: ${JSON.stringify({ ...JSON.parse(body), at: new Date().toISOString(), seq: 1 })}\n\n`;
      for (const listener of listeners) listener.write(event);
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  }),
);
