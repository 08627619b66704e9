// Bench processes: each server and the crowd of listeners run apart from the driver, as they would in life. A server tells
// its port over the IPC channel and ends with its parent.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Server } from "node:http";
import { join } from "node:path";

/** A server process and where it listens. */
export interface ServerProcess {
  readonly url: string;
  stop(): void;
}

/** In the child: listens on a free loopback port and says which. */
export function serveOn(server: Server): void {
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1", 4_096, () => process.send?.(server.address()));
  process.once("disconnect", () => process.exit());
}

/** In the driver: starts a file of this folder that calls `serveOn`. */
export async function startProcess(file: string, env: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
  const child = forkFile(file, env);
  const address = await nextMessage(child, file);
  if (typeof address !== "object" || address === null || !("port" in address))
    throw new Error(`${file} did not say its port.`);
  return { url: `http://127.0.0.1:${address.port}`, stop: () => child.kill() };
}

/** Starts a file of this folder with an IPC channel. */
export function forkFile(file: string, env: Readonly<Record<string, string>> = {}): ChildProcess {
  return fork(join(import.meta.dirname, file), { env: { ...process.env, ...env }, serialization: "advanced" });
}

/** The next message of a child; throws when it ends first or says nothing in time. */
export async function nextMessage(child: ChildProcess, what: string, milliseconds = 30_000): Promise<unknown> {
  const patience = new AbortController();
  const message = once(child, "message", { signal: patience.signal }).then(([value]: unknown[]) => value);
  const end = once(child, "exit", { signal: patience.signal }).then(() => Promise.reject(new Error(`${what} ended.`)));
  const timer = setTimeout(() => patience.abort(new Error(`${what} said nothing.`)), milliseconds);
  try {
    return await Promise.race([message, end]);
  } finally {
    clearTimeout(timer);
    message.catch(() => {});
    end.catch(() => {});
    patience.abort();
  }
}
