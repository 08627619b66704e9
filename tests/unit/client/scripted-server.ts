// A small server with both protocols on one port, told by each test what to answer. It records every request.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { onTestFinished } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { onLoopback, textOf } from "#tests/doubles/on-loopback.ts";

/** A request as it came. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: unknown;
}

/** What a test says to requests: a JSON answer, or full control over the response. */
export type Answer =
  | { readonly status?: number; readonly body?: unknown; readonly headers?: Record<string, string> }
  | ((response: ServerResponse) => void);

/** What a test decides. */
export interface Script {
  readonly http?: (seen: Seen) => Answer;
  /** A socket of this path, or a status to refuse the handshake with. */
  readonly socket?: (socket: WebSocket, seen: Seen) => void;
  readonly refuse?: (seen: Seen) => number | null;
}

/** A problem document. */
export const problem = (
  status: number,
  code: string,
  detail = "as scripted",
  extra: Record<string, unknown> = {},
): Answer => ({
  status,
  headers: { "content-type": "application/problem+json" },
  body: { type: `/problems/${code}`, title: "Refused", status, code, detail, request_id: "req-1", ...extra },
});

const readBody = async (request: IncomingMessage): Promise<unknown> => {
  const text = await textOf(request);
  return text === "" ? null : JSON.parse(text);
};

const seenOf = (request: IncomingMessage, body: unknown): Seen => {
  const url = new URL(request.url ?? "/", "http://double");
  return { method: request.method ?? "", path: url.pathname, query: url.searchParams, headers: request.headers, body };
};

/** Starts the double; it ends with the test. */
export const scriptedServer = async (script: Script) => {
  const seen: Seen[] = [];
  const sockets = new Set<WebSocket>();
  const server = createServer(async (request, response) => {
    const one = seenOf(request, await readBody(request));
    seen.push(one);
    const answer = script.http?.(one) ?? { status: 404, body: {} };
    if (typeof answer === "function") return answer(response);
    response.writeHead(answer.status ?? 200, { "content-type": "application/json", ...answer.headers });
    response.end(answer.body === undefined ? "" : JSON.stringify(answer.body));
  });
  const upgrades = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, socket, head) => {
    const one = seenOf(request, null);
    seen.push({ ...one, method: "WS" });
    const status = script.refuse?.(one) ?? null;
    if (status !== null || script.socket === undefined) {
      socket.end(`HTTP/1.1 ${status ?? 404} No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
      return;
    }
    upgrades.handleUpgrade(request, socket, head, (ws) => {
      sockets.add(ws);
      ws.on("close", () => sockets.delete(ws));
      script.socket?.(ws, one);
    });
  });
  const { url, close } = await onLoopback(server);
  onTestFinished(async () => {
    for (const socket of sockets) socket.terminate();
    await close();
  });
  return { url, seen };
};
