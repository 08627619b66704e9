// A real redis-server of our own, on a socket in a directory of its own, gone with everything in it when stopped.
import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RespConnection } from "./resp.ts";

/** A running server. */
export interface RunningRedis {
  readonly socketPath: string;
  stop(): Promise<void>;
}

/** Whether this machine has the program. */
export const hasRedisServer = (): boolean => spawnSync("redis-server", ["--version"]).status === 0;

/** Starts a server that keeps nothing on disk. */
export const startRedis = async (): Promise<RunningRedis> => {
  const folder = await mkdtemp(join(tmpdir(), "retinue-redis-"));
  const socketPath = join(folder, "redis.sock");
  const settings = ["--port", "0", "--unixsocket", socketPath, "--dir", folder, "--save", "", "--appendonly", "no"];
  const server = spawn("redis-server", settings, { stdio: "ignore" });
  const exited = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  const stop = async () => {
    server.kill("SIGKILL");
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const connection = await RespConnection.open(socketPath).catch(() => null);
    if (connection !== null) {
      connection.close();
      return { socketPath, stop };
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  await stop();
  throw new Error("redis-server did not open its socket");
};
