// Finds and ends the processes of a state directory. Everything the server starts carries the directory in its environment,
// which children inherit, so what a `kill -9` of the parent left behind is found without trusting a pid that may be reused.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** The variable that marks a process as belonging to a state directory. */
export const STATE_MARK = "RETINUE_STATE_MARK";

/** Pids of living processes marked with this directory, without ourselves. Other users' processes cannot be ours. */
export function processesOf(stateDir: string): number[] {
  const mark = `${STATE_MARK}=${stateDir}`;
  return (existsSync("/proc/self/environ") ? fromProc(mark) : fromPs(mark)).filter((pid) => pid !== process.pid);
}

/** Ends them without asking, and returns once none is left. */
export async function endProcessesOf(stateDir: string): Promise<number> {
  const found = new Set<number>();
  for (let round = 0; round < 500; round++) {
    const left = processesOf(stateDir);
    for (const pid of left) {
      found.add(pid);
      signal(pid, "SIGKILL");
    }
    if (left.length === 0 && [...found].every(hasEnded)) return found.size;
    await sleep(10);
  }
  throw new Error(`Processes ${processesOf(stateDir).join(", ")} of an earlier server do not end.`);
}

/** True once the process is gone or a zombie. A dying one loses its environment before it lets go of its files and ports. */
export function hasEnded(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return /^\) [ZX]/.test(stat.slice(stat.lastIndexOf(")")));
  } catch {
    return true;
  }
}

/** Sends a signal; a process that is already gone is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

function fromProc(mark: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        // A zombie has an empty environment and is skipped with it.
        return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(mark);
      } catch {
        return false;
      }
    });
}

function fromPs(mark: string): number[] {
  return execFileSync("ps", ["axeww", "-o", "pid=,command="], { encoding: "utf8", maxBuffer: 64 << 20 })
    .split("\n")
    .filter((line) => ` ${line} `.includes(` ${mark} `))
    .map((line) => Number.parseInt(line, 10));
}
