// Processor time the product's own runtime has used: what a step costs even when other programs slow the clock on the wall.
import { readFileSync } from "node:fs";
import { processesOf } from "../scripts/serve/processes.ts";

/** Ticks of the kernel's accounting in a second, on every Linux. */
const TICKS = 100;

/** Seconds, user and system, of the workerd processes of this state directory; NaN where there is no /proc. */
export function cpuSecondsOf(stateDir: string): number {
  const ticks = processesOf(stateDir).flatMap(ticksOf);
  return ticks.length === 0 ? Number.NaN : ticks.reduce((sum, one) => sum + one, 0) / TICKS;
}

function ticksOf(pid: number): number[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const end = stat.lastIndexOf(")");
    if (stat.slice(stat.indexOf("(") + 1, end) !== "workerd") return [];
    // What follows the name begins with the third field; user and system time are the fourteenth and fifteenth.
    const fields = stat.slice(end + 2).split(" ");
    return [Number(fields[11]) + Number(fields[12])];
  } catch {
    return [];
  }
}
