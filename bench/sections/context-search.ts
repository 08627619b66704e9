// How an agent's vectors are searched: the embedded index inside a real object, at growing sizes, next to the plainest exact
// search over the same rows in the same run. The vectors are unit vectors in clusters with noise, the queries lie in the same
// clusters, and the truth is told by comparing every vector in full precision as it is made.
import { type BareWorker, startWorker } from "../bare-worker.ts";
import { type Call, send, sendJson } from "../load.ts";
import { percentile, type Row } from "../report.ts";

const SECTION = "context-search: the ten nearest of an agent's vectors";
/** Vectors of a cluster; there are 4,000 clusters at most. The queries lie as near to the centres as the vectors do. */
const CLUSTER = 50;
const MOST_CLUSTERS = 4_000;
const NOISE = 0.7;
const QUERIES = 40;
const FILLED_AT_ONCE = 10_000;

interface Case {
  readonly vectors: number;
  readonly dimensions: number;
  /** How many queries the exact search is asked; each takes seconds when there are many vectors. */
  readonly exact: number;
}

const CASES: readonly Case[] = [
  { vectors: 10_000, dimensions: 384, exact: 10 },
  { vectors: 100_000, dimensions: 384, exact: 5 },
  { vectors: 10_000, dimensions: 1_536, exact: 10 },
  { vectors: 100_000, dimensions: 1_536, exact: 5 },
];
const LARGE: readonly Case[] = [
  { vectors: 1_000_000, dimensions: 384, exact: 3 },
  { vectors: 1_000_000, dimensions: 1_536, exact: 3 },
];

export async function contextSearchSection(withProduct: boolean, full: boolean): Promise<Row[]> {
  const rows: Row[] = [];
  for (const each of full ? [...CASES, ...LARGE] : CASES) {
    const worker = await startWorker("vector-worker/wrangler.toml", {});
    try {
      rows.push(...(await measure(worker, each, withProduct)));
    } finally {
      await worker.stop();
    }
  }
  return rows;
}

async function measure(worker: BareWorker, each: Case, withIndex: boolean): Promise<Row[]> {
  const clusters = Math.min(MOST_CLUSTERS, each.vectors / CLUSTER);
  const ask = (deed: string, fields: object = {}): Call => ({
    method: "POST",
    url: `${worker.url}/shelf/${deed}`,
    body: JSON.stringify({ dimensions: each.dimensions, clusters, noise: NOISE, ...fields }),
  });
  let stored = 0;
  for (let from = 0; from < each.vectors; from += FILLED_AT_ONCE) {
    const to = Math.min(each.vectors, from + FILLED_AT_ONCE);
    stored += numberIn(await sendJson(ask("fill", { from, to, queries: QUERIES })), "milliseconds");
  }
  const truth = listsIn(await sendJson(ask("truth")));
  const title = `${each.vectors.toLocaleString("en")} × ${each.dimensions}`;
  const row = (contender: string, figures: Row["figures"], note?: string): Row => ({
    ...{ section: SECTION, case: title, contender, figures },
    ...(note === undefined ? {} : { note }),
  });
  const found: Row[] = [];
  const around = percentile((await asked(ask, "nothing", QUERIES, 1)).milliseconds, 0.5);
  if (withIndex) {
    const unbuilt = await asked(ask, "search", QUERIES, 1);
    const before = performance.now();
    const work = await build(ask);
    const built = performance.now() - before;
    const first = await asked(ask, "search", QUERIES, 1);
    const again = await asked(ask, "search", QUERIES, 5);
    const size = await sendJson(ask("size"));
    const megabyte = 2 ** 20;
    found.push(
      row(
        "embedded index",
        {
          "p50 ms": percentile(again.milliseconds, 0.5) - around,
          "p95 ms": percentile(again.milliseconds, 0.95) - around,
          "recall@10 %": share(again.keys, truth) * 100,
          "bytes/vector": numberIn(size, "bytes") / each.vectors,
          "inserts/s": each.vectors / (stored / 1_000),
          "build s": built / 1_000,
          "longest slice ms": work.longest,
          "kept MB": (numberIn(size, "resident") + numberIn(size, "kernel")) / megabyte,
          "runtime MB": worker.resident() / megabyte,
        },
        `each query once: p95 ${percentile(first.milliseconds, 0.95).toFixed(1)} ms`,
      ),
      row("the same, not yet built", {
        "p50 ms": percentile(unbuilt.milliseconds, 0.5) - around,
        "p95 ms": percentile(unbuilt.milliseconds, 0.95) - around,
        "recall@10 %": share(unbuilt.keys, truth) * 100,
      }),
    );
  }
  const exact = await asked(ask, "exact", each.exact, 1);
  found.push(
    row("exact, a row a vector", {
      "p50 ms": percentile(exact.milliseconds, 0.5) - around,
      "p95 ms": percentile(exact.milliseconds, 0.95) - around,
      "recall@10 %": share(exact.keys, truth) * 100,
    }),
  );
  return found;
}

/** Works until there is nothing left to build. */
async function build(ask: (deed: string) => Call): Promise<{ longest: number }> {
  let longest = 0;
  for (;;) {
    const answer = await sendJson(ask("work"));
    longest = Math.max(longest, numberIn(answer, "longest"));
    if (typeof answer === "object" && answer !== null && "more" in answer && answer.more === false) return { longest };
  }
}

/** Asks so many queries, one after the other, so many times over; the keys of the last time. */
async function asked(
  ask: (deed: string, fields: object) => Call,
  deed: string,
  queries: number,
  times: number,
): Promise<{ milliseconds: number[]; keys: number[][] }> {
  const milliseconds: number[] = [];
  const keys: number[][] = [];
  for (let time = 0; time < times; time++) {
    for (let query = 0; query < queries; query++) {
      const answer = await send(ask(deed, { queries: query }));
      if (answer.status !== 200) throw new Error(`${deed} answered ${answer.status}: ${answer.text.slice(0, 500)}`);
      milliseconds.push(answer.milliseconds);
      keys[query] = listIn(JSON.parse(answer.text));
    }
  }
  return { milliseconds, keys };
}

/** How much of the truth was found. */
function share(found: readonly (readonly number[])[], truth: readonly (readonly number[])[]): number {
  const hits = found.map((keys, at) => keys.filter((key) => truth[at]?.includes(key)).length);
  return hits.reduce((sum, count) => sum + count, 0) / (found.length * 10);
}

function numberIn(value: unknown, name: string): number {
  const found =
    typeof value === "object" && value !== null ? Object.entries(value).find(([key]) => key === name) : null;
  if (typeof found?.[1] !== "number") throw new Error(`The worker did not say ${name}.`);
  return found[1];
}

function listIn(value: unknown): number[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "number") : [];
}

function listsIn(value: unknown): number[][] {
  return Array.isArray(value) ? value.map(listIn) : [];
}
