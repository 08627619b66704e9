// A lock between processes: a file only one can create, holding the owner's process id. Whoever finds one checks whether its
// owner still lives; one left behind by a killed process is taken over. The owner touches it while it holds it, so a
// process id that was given to somebody else does not keep a dead lock alive.
import { readFile, rename, stat, unlink, utimes, writeFile } from "node:fs/promises";

const TOUCH_MS = 2_000;
const STALE_MS = 15_000;

/** A lock that is held. */
export interface HeldLock {
  release(): Promise<void>;
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;

const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, "EPERM");
  }
};

const ownerOf = async (
  path: string,
): Promise<{ readonly pid: number; readonly text: string; readonly alive: boolean } | null> => {
  try {
    const [text, { mtimeMs }] = [await readFile(path, "utf8"), await stat(path)];
    const pid = Number.parseInt(text, 10);
    const fresh = Date.now() - mtimeMs < STALE_MS;
    // An empty file was created a moment ago by someone about to write its id.
    return { pid, text, alive: fresh && (Number.isNaN(pid) || lives(pid)) };
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
};

/** Tries once; the other owner's process id when it is taken. */
export const tryLock = async (path: string): Promise<HeldLock | { readonly heldBy: number }> => {
  const mine = `${process.pid} ${crypto.randomUUID()}`;
  for (let attempt = 0; attempt < 20; attempt++) {
    try {
      await writeFile(path, mine, { flag: "wx", mode: 0o600 });
    } catch (error) {
      if (!hasCode(error, "EEXIST")) throw error;
      const owner = await ownerOf(path);
      if (owner?.alive) return { heldBy: owner.pid };
      if (owner !== null) await takeAway(path, owner.text);
      continue;
    }
    const timer = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => {}), TOUCH_MS);
    timer.unref();
    return {
      release: async () => {
        clearInterval(timer);
        if ((await readFile(path, "utf8").catch(() => "")) === mine) await unlink(path).catch(() => {});
      },
    };
  }
  throw new Error(`The lock ${path} could not be taken`);
};

/** Removes a dead lock, but only that one: by rename, so of two who try, one gets it, and looks at what it got. */
const takeAway = async (path: string, dead: string): Promise<void> => {
  const aside = `${path}.${crypto.randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return;
    throw error;
  }
  if ((await readFile(aside, "utf8")) === dead) await unlink(aside);
  else await rename(aside, path);
};

/** Waits for the lock, does the work, and gives it back. */
export const withLock = async <T>(path: string, work: () => Promise<T>, patienceMs = 20_000): Promise<T> => {
  const until = Date.now() + patienceMs;
  for (;;) {
    const lock = await tryLock(path);
    if ("release" in lock) {
      try {
        return await work();
      } finally {
        await lock.release();
      }
    }
    if (Date.now() > until) throw new Error(`Another process (${lock.heldBy}) holds ${path} for too long`);
    await new Promise((resolve) => setTimeout(resolve, 10 + Math.random() * 20));
  }
};
