// A web site on loopback, friendly or hostile: every path is a way to behave, and every request that reaches it is written
// down, with its headers. What must not be fetched is fetched exactly when it stands there.
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { onLoopback } from "./on-loopback.ts";

/** One request that reached the site. */
export interface Visit {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** How one path behaves. */
export type Behaviour = (response: ServerResponse, visit: Visit) => void;

/** A running site. */
export interface WebSite {
  /** `127.0.0.1:port`. */
  readonly host: string;
  readonly origin: string;
  readonly visits: readonly Visit[];
  /** Connections that were broken off before the answer was whole. */
  readonly brokenOff: () => number;
  close(): Promise<void>;
}

/** Answers with a body of a type. */
export const page =
  (
    body: string | Uint8Array,
    type = "text/html; charset=utf-8",
    more: Readonly<Record<string, string>> = {},
  ): Behaviour =>
  (response) => {
    response.writeHead(200, { "content-type": type, ...more });
    response.end(body);
  };

/** Sends on to another place. */
export const sentOn =
  (location: string, status = 302): Behaviour =>
  (response) => {
    response.writeHead(status, { location, "set-cookie": "seen=1" });
    response.end("elsewhere");
  };

/** Never stops talking. */
export const endless: Behaviour = (response) => {
  response.writeHead(200, { "content-type": "text/plain" });
  const chunk = "again and again ".repeat(1024);
  const talk = (): void => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once("drain", talk);
  };
  talk();
};

/** One byte now and then, for ever. */
export const trickle: Behaviour = (response) => {
  response.writeHead(200, { "content-type": "text/plain" });
  const timer = setInterval(() => response.write("."), 20);
  response.once("close", () => clearInterval(timer));
};

/** Takes the request and says nothing. */
export const silent: Behaviour = () => {};

/** A few kilobytes that unpack to `megabytes`. */
export const bomb =
  (megabytes: number): Behaviour =>
  (response) => {
    response.writeHead(200, { "content-type": "text/plain", "content-encoding": "gzip" });
    response.end(gzipSync(Buffer.alloc(megabytes * 1_000_000, 97)));
  };

/** Promises more than it gives, and hangs up. */
export const lyingLength: Behaviour = (response) => {
  response.writeHead(200, { "content-type": "text/plain", "content-length": "1000000" });
  response.write("only this", () => response.destroy());
};

/** Opens a site with these paths; any other is a 404. */
export const openWebSite = async (paths: Readonly<Record<string, Behaviour>>, port = 0): Promise<WebSite> => {
  const visits: Visit[] = [];
  let brokenOff = 0;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const path = request.url ?? "/";
      const visit = {
        method: request.method ?? "",
        path,
        headers: request.headers,
        body: Buffer.concat(parts).toString(),
      };
      visits.push(visit);
      response.on("error", () => {});
      response.once("close", () => {
        if (!response.writableFinished) brokenOff += 1;
      });
      const behave = paths[path] ?? paths[path.split("?", 1)[0] ?? ""];
      if (behave !== undefined) behave(response, visit);
      else response.writeHead(404, { "content-type": "text/plain" }).end("nothing here");
    });
  });
  const { url: origin, port: taken, close } = await onLoopback(server, port);
  return {
    host: `127.0.0.1:${taken}`,
    origin,
    visits,
    brokenOff: () => brokenOff,
    close,
  };
};
