// What carrying out a plan of 200 steps costs per step, three at a time, with a model that answers at once: wide, where no step
// waits for another, and deep, four lanes of fifty. Next to a loop in raw Node that makes the same calls three at a time.
import { startProcess } from "../child.ts";
import { runLoad, sendJson } from "../load.ts";
import { rowsWritten, startProduct } from "../product.ts";
import type { Row } from "../report.ts";
import { cpuSecondsOf } from "../server-cpu.ts";
import { askTeam, callsOf, newTeam, untilCompleted } from "../team.ts";
import { planned, stepsOf } from "../written-plan.ts";

const SECTION = "plan-scheduling: a plan of 200 steps, three at once, per step";
const STEPS = 200;
const SHAPES = [
  { name: "wide", lanes: STEPS, tools: false },
  { name: "deep", lanes: 4, tools: false },
  { name: "wide, a tool call each", lanes: STEPS, tools: true },
] as const;

export async function planSchedulingSection(withProduct: boolean): Promise<Row[]> {
  const model = await startProcess("stub-model.ts", { STUB_THINK_MS: "0" });
  try {
    const rows = [await plainLoop(model.url)];
    if (withProduct) for (const shape of SHAPES) rows.push(await plan(model.url, shape));
    return rows;
  } finally {
    model.stop();
  }
}

/** A lane's order needs no loop of its own here: three callers take the steps as they come. */
async function plainLoop(modelUrl: string): Promise<Row> {
  const steps = stepsOf("loop", STEPS, STEPS, "Bench0");
  const calls = steps.map(({ instruction }) => ({
    method: "POST",
    url: `${modelUrl}/v1/chat/completions`,
    body: JSON.stringify({ model: "stub", stream: true, messages: [{ role: "user", content: instruction }] }),
  }));
  const options = { callers: 3, calls: STEPS, seconds: 60 };
  const next = (_: number, id: string) => {
    const call = calls[Number(id.split("-").at(-1)) % STEPS];
    if (call === undefined) throw new Error(`There is no step ${id}.`);
    return call;
  };
  await runLoad(options, next);
  await sendJson({ method: "GET", url: `${modelUrl}/calls` });
  const before = process.cpuUsage();
  await runLoad(options, next);
  const { user, system } = process.cpuUsage(before);
  return row("raw Node loop", "no order", await betweenSteps(modelUrl), (user + system) / 1e6, Number.NaN);
}

async function plan(modelUrl: string, { name, lanes, tools }: (typeof SHAPES)[number]): Promise<Row> {
  const product = await startProduct(modelUrl);
  try {
    const team = await newTeam(product.url, false);
    const run = async (id: string, steps: number, width: number) =>
      untilCompleted(team, await askTeam(team, planned(id, steps, width, tools)), 250);
    await run("warm", 20, Math.min(lanes, 20));
    await callsOf(modelUrl);
    const rows = await rowsWritten(product.url, team.person, team.project);
    const cpu = cpuSecondsOf(product.stateDir);
    await run("plan", STEPS, lanes);
    const used = cpuSecondsOf(product.stateDir) - cpu;
    const written = (await rowsWritten(product.url, team.person, team.project)) - rows;
    return row("Retinue", name, await betweenSteps(modelUrl), used, written);
  } finally {
    await product.stop();
  }
}

/** From the first step's call to the end of the last one's, ms. */
async function betweenSteps(modelUrl: string): Promise<number> {
  const steps = (await callsOf(modelUrl)).filter(({ id }) => /-s\d+$/.test(id));
  const made = new Set(steps.map(({ id }) => id)).size;
  if (made !== STEPS) throw new Error(`${made} steps were made, not ${STEPS}.`);
  return Math.max(...steps.map(({ to }) => to)) - Math.min(...steps.map(({ from }) => from));
}

const row = (contender: string, situation: string, ms: number, cpuSeconds: number, rows: number): Row => ({
  section: SECTION,
  case: situation,
  contender,
  figures: {
    "wall ms": ms / STEPS,
    "CPU ms": (cpuSeconds * 1000) / STEPS,
    "rows written": rows / STEPS,
    "steps/s": (STEPS * 1000) / ms,
  },
});
