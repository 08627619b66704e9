// A whole question to an agent's context, as the product asks it: words and a vector, fused, ten items read; by itself, by either
// half, under filters, and in words that are in nearly every item. Next to it the plainest search by words over the same texts:
// FTS5's own `OR` and its own ranking.
import { type BareWorker, startWorker } from "../bare-worker.ts";
import { sendJson } from "../load.ts";
import { percentile, type Row } from "../report.ts";

const SECTION = "context-hybrid: ten items of an agent's context, by words and by meaning";
const DIMENSIONS = 384;
const QUESTIONS = 60;
const WARM = 5;
const FILLED_AT_ONCE = 5_000;
const SIZES = [10_000, 100_000];
const LARGE = [1_000_000];

type Fields = Readonly<Record<string, string | number>>;
type Ask = (path: string, fields?: Fields) => Promise<unknown>;

export async function contextHybridSection(withProduct: boolean, full: boolean): Promise<Row[]> {
  const rows: Row[] = [];
  for (const items of full ? [...SIZES, ...LARGE] : SIZES) {
    const worker = await startWorker("contexts/wrangler.toml", {});
    try {
      rows.push(...(await measure(worker, items, withProduct)));
    } finally {
      await worker.stop();
    }
  }
  return rows;
}

async function measure(worker: BareWorker, items: number, withProduct: boolean): Promise<Row[]> {
  const ask: Ask = (path, fields = {}) => {
    const url = new URL(path, worker.url);
    for (const [name, value] of Object.entries({ dimensions: DIMENSIONS, ...fields }))
      url.searchParams.set(name, String(value));
    return sendJson({ method: "GET", url: url.href });
  };
  const filling = await timed(() => filled(ask, "/fill", items));
  const making = await timed(() => filled(ask, "/make", items));
  const building = await timed(async () => {
    while ((await ask("/work")) === true);
  });
  const around = percentile((await asked(ask, items, "/nothing", {})).milliseconds, 0.5);
  const title = `${items.toLocaleString("en")} × ${DIMENSIONS}`;
  const row = (contender: string, { milliseconds }: Asked, more: Row["figures"] = {}): Row => ({
    section: SECTION,
    case: title,
    contender,
    figures: {
      "p50 ms": percentile(milliseconds, 0.5) - around,
      "p95 ms": percentile(milliseconds, 0.95) - around,
      ...more,
    },
  });
  const rows: Row[] = [];
  if (withProduct) {
    const stats = await ask("/stats");
    const narrowed: readonly [string, object][] = [
      ["hybrid, 4 of 5 items fit the filter", { success: true }],
      ["hybrid, 1 of 100 fits", { tags: ["rare"] }],
      ["hybrid, 1 of 1,000 fits", { run_id: "run_7" }],
      ["hybrid, the newest tenth", { since: numberIn(await ask("/instant", { seed: Math.floor(items * 0.9) })) }],
    ];
    const whole = await asked(ask, items, "/search", { half: "both" });
    const words = await asked(ask, items, "/search", { half: "words" });
    const meaning = await asked(ask, items, "/search", { half: "dense" });
    rows.push(
      row("hybrid", whole, {
        ...found(whole),
        "bytes/item": numberIn(stats, "bytes") / items,
        "inserts/s": items / ((filling - making) / 1_000),
        "build s": building / 1_000,
        "runtime MB": worker.resident() / 2 ** 20,
      }),
      row("by words alone", words, found(words)),
      row("by meaning alone", meaning, found(meaning)),
    );
    for (const [name, filter] of narrowed)
      rows.push(row(name, await asked(ask, items, "/search", { half: "both", filter: JSON.stringify(filter) })));
    rows.push(row("words that are everywhere", await asked(ask, items, "/common", {})));
  }
  await filled(ask, "/plain-fill", items);
  const plain = await asked(ask, items, "/plain", {});
  rows.push(
    row("FTS5's OR, by its own rank", plain, found(plain)),
    row("the same, words that are everywhere", await asked(ask, items, "/plain", { common: 1 })),
  );
  return rows;
}

interface Asked {
  readonly milliseconds: number[];
  /** The share of questions made from an item that found it. */
  readonly own: number;
}

// The vector of a question is as near to some five hundred items of its cluster as to its own, so that half finds it by luck.
const found = ({ own }: Asked): Row["figures"] => ({ "own item first ten %": own * 100 });

async function asked(ask: Ask, items: number, path: string, fields: Fields): Promise<Asked> {
  const milliseconds: number[] = [];
  let own = 0;
  for (let question = 0; question < QUESTIONS + WARM; question++) {
    const seed = 1 + ((question * 245_489) % items);
    const began = performance.now();
    const answer = await ask(path, { ...fields, seed });
    if (question < WARM) continue;
    milliseconds.push(performance.now() - began);
    if (Array.isArray(answer) && answer.includes(seed)) own++;
  }
  return { milliseconds, own: own / QUESTIONS };
}

async function filled(ask: Ask, path: string, items: number): Promise<void> {
  for (let from = 1; from <= items; from += FILLED_AT_ONCE)
    await ask(path, { from, count: Math.min(FILLED_AT_ONCE, items - from + 1) });
}

async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function numberIn(value: unknown, name?: string): number {
  const found = name === undefined ? value : Object.entries(value ?? {}).find(([key]) => key === name)?.[1];
  if (typeof found !== "number") throw new Error(`The worker did not say ${name ?? "a number"}.`);
  return found;
}
