// One server per state directory. The lock is an exclusive SQLite transaction: the kernel drops it with its process, however
// that ends, so there is no stale lock to reason about.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Whoever holds the state directory, for people and for clients that look for a server. */
export interface Holder {
  readonly pid: number;
  readonly url: string;
}

/** The lock, held until `release` or until the process ends. */
export interface Hold {
  release(): void;
}

/** Somebody else has the state directory; the message says who, and what to do. */
export class StateTakenError extends Error {}

/** Takes the state directory, or throws a StateTakenError. */
export function takeState(stateDir: string, self: Holder): Hold {
  const notice = join(stateDir, "server.json");
  const database = new DatabaseSync(join(stateDir, "server.lock"));
  try {
    database.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (error instanceof Error && /locked/.test(error.message)) throw takenBy(readHolder(notice), stateDir);
    throw error;
  }
  writeFileSync(notice, `${JSON.stringify(self)}\n`);
  return { release: () => database.close() };
}

function takenBy(holder: Holder | null, stateDir: string): StateTakenError {
  const who = holder === null ? "" : `: process ${holder.pid}, ${holder.url}`;
  return new StateTakenError(
    `a server already runs with the state directory ${stateDir}${who}.\nStop it, or start this one with another STATE_DIR.`,
  );
}

function readHolder(path: string): Holder | null {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof value !== "object" || value === null || !("pid" in value) || !("url" in value)) return null;
    return { pid: Number(value.pid), url: String(value.url) };
  } catch {
    return null;
  }
}
