// Runs claimed a second out of one queue by 1, 8 and 32 engines at once, next to a bare object that does one update and one
// insert a claim. The queue is filled before, and every claim must have got a run of its own.
import { startBareWorker } from "../bare-worker.ts";
import { type Call, type LoadResult, runLoad, send } from "../load.ts";
import { claimRun, newPerson, newSession, requestRun, startProduct } from "../product.ts";
import { percentile, type Row } from "../report.ts";

const SECTION = "claims: runs claimed out of one queue";
const SECONDS = 15;
const FILLERS = 32;
const LEVELS = [
  { engines: 1, claims: 300 },
  { engines: 8, claims: 1_600 },
  { engines: 32, claims: 3_200 },
] as const;
type Level = (typeof LEVELS)[number];

export async function claimsSection(withProduct: boolean): Promise<Row[]> {
  const rows: Row[] = [];
  const bare = await startBareWorker("http://127.0.0.1:9");
  try {
    for (const level of LEVELS) {
      const name = `queue-${level.engines}`;
      await send({ method: "POST", url: `${bare.url}/fill/${name}`, body: String(level.claims) });
      const next = (engine: number): Call => ({ method: "POST", url: `${bare.url}/claim/${name}`, body: `e${engine}` });
      rows.push(await measure("bare Hono worker", level, next, "job"));
    }
  } finally {
    await bare.stop();
  }
  if (withProduct) rows.push(...(await measureProduct()));
  return rows;
}

async function measureProduct(): Promise<Row[]> {
  const rows: Row[] = [];
  const product = await startProduct("http://127.0.0.1:9");
  try {
    for (const level of LEVELS) {
      const person = await newPerson(product.url, 0);
      const session = await newSession(product.url, person);
      await runLoad({ callers: FILLERS, calls: level.claims, seconds: 120 }, () =>
        requestRun(product.url, person, session),
      );
      const next = (engine: number): Call => claimRun(product.url, person, `e${engine}`);
      rows.push(await measure("Retinue", level, next, "run"));
    }
  } finally {
    await product.stop();
  }
  return rows;
}

async function measure(contender: string, level: Level, next: (engine: number) => Call, field: string): Promise<Row> {
  const result = await runLoad({ callers: level.engines, calls: level.claims, seconds: SECONDS }, next);
  const won = winnersOf(result, field);
  const latencies = result.answers.map(({ answer }) => answer.milliseconds);
  const doubled = won.length - new Set(won).size;
  const empty = result.answers.length - won.length;
  return {
    section: SECTION,
    case: `${level.engines} engine${level.engines === 1 ? "" : "s"}`,
    contender,
    figures: {
      "claims/s": won.length / result.seconds,
      claims: won.length,
      "p50 ms": percentile(latencies, 0.5),
      "p95 ms": percentile(latencies, 0.95),
    },
    ...(doubled + empty === 0 ? {} : { note: `${doubled} claimed twice, ${empty} answers without a run` }),
  };
}

/** What was claimed: an id, or a run with one. */
function winnersOf(result: LoadResult, field: string): string[] {
  return result.answers.flatMap(({ answer }) => {
    if (answer.status !== 200) return [];
    const body: unknown = JSON.parse(answer.text);
    const found: unknown = typeof body === "object" && body !== null ? Reflect.get(body, field) : null;
    if (typeof found === "number") return [String(found)];
    const id: unknown = typeof found === "object" && found !== null ? Reflect.get(found, "id") : null;
    return typeof id === "string" ? [id] : [];
  });
}
