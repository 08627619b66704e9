// A wire between a browser and a server that can be cut: what is open breaks off, what comes is refused, until it is mended.

import { connect, createServer, type Socket } from "node:net";
import { onLoopback } from "#tests/doubles/on-loopback.ts";

/** The wire; what is sent to its address arrives at the server. */
export interface CuttableLine {
  readonly url: string;
  cut(): void;
  mend(): void;
  close(): void;
}

/** Lays a wire to a server. */
export const layLine = async (serverUrl: string): Promise<CuttableLine> => {
  const { hostname, port } = new URL(serverUrl);
  const open = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) return void near.destroy();
    const far = connect(Number(port), hostname);
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(end);
      end.on("error", () => other.destroy());
      end.on("close", () => {
        open.delete(end);
        other.destroy();
      });
      end.pipe(other);
    }
  });
  const { url } = await onLoopback(server);
  const breakOff = () => {
    for (const end of open) end.destroy();
  };
  return {
    url,
    cut: () => {
      isCut = true;
      breakOff();
    },
    mend: () => {
      isCut = false;
    },
    close: () => {
      server.close();
      breakOff();
    },
  };
};
