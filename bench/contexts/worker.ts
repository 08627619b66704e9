// An agent's context as the product keeps it, in an object that fills itself: some sixty words an item drawn from a vocabulary as
// uneven as a language's, vectors in clusters. The same numbers make the same items, so a question can be made from one.
import { DurableObject } from "cloudflare:workers";
import type { ContextFilter, NewContextItem } from "#domain/context/port.ts";
import { Holdings } from "#durable-objects/agent-context/holdings.ts";
import { scanKernel } from "#durable-objects/vector-index/scan-kernel.ts";

type BenchEnv = { readonly BENCH: DurableObjectNamespace<BenchContext> };

const VOCABULARY = 50_000;
const WORDS = 60;
const CLUSTERS = 2_000;
const NOISE = 0.6;
const BATCH = 500;
const BEGUN = 1_790_000_000_000;

/** A small generator of numbers between 0 and 1. */
const numbersFrom = (seed: number): (() => number) => {
  let state = Math.imul(seed + 1, 2_654_435_761) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

// The n-th commonest word occurs a n-th as often as the commonest.
const SHARES = (() => {
  const shares = new Float64Array(VOCABULARY);
  let sum = 0;
  for (let rank = 0; rank < VOCABULARY; rank++) shares[rank] = sum += 1 / (rank + 1);
  return shares;
})();

const wordFrom = (number: () => number): string => {
  const wanted = number() * (SHARES.at(-1) ?? 0);
  let [low, high] = [0, VOCABULARY - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((SHARES[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return `w${low}`;
};

const wordsOf = (seed: number): string[] => {
  const number = numbersFrom(seed);
  return Array.from({ length: WORDS }, () => wordFrom(number));
};

const spread = (seed: number, dimensions: number): Float32Array => {
  const number = numbersFrom(seed);
  return Float32Array.from({ length: dimensions }, () => number() + number() - 1);
};

const vectorOf = (seed: number, dimensions: number, salt: number): Float32Array => {
  const centre = spread(10_000_000 + ((Math.imul(seed, 7_919) >>> 0) % CLUSTERS), dimensions);
  const noise = spread(20_000_000 + seed * 2 + salt, dimensions);
  return centre.map((value, at) => value + NOISE * (noise[at] ?? 0));
};

const instantOf = (seed: number): number => BEGUN + seed * 1_000;

const itemOf = (seed: number, dimensions: number): NewContextItem => ({
  id: `00000000-0000-4000-8000-${seed.toString(16).padStart(12, "0")}`,
  text: wordsOf(seed).join(" "),
  title: `w${seed % 997}`,
  at: instantOf(seed),
  success: seed % 5 !== 0,
  tags: seed % 100 === 0 ? ["rare"] : [],
  source: {
    kind: "interaction",
    run_id: `run_${seed % 1_000}`,
    step_id: "step",
    room_id: "room",
    work: "direct",
  },
  vector: vectorOf(seed, dimensions, 0),
});

const questionOf = (seed: number): string[] => {
  const number = numbersFrom(seed + 77);
  return [...wordsOf(seed).slice(0, 6), ...Array.from({ length: 4 }, () => wordFrom(number))];
};

const COMMON = ["w0", "w1", "w2"];

export class BenchContext extends DurableObject<BenchEnv> {
  #held: Holdings | null = null;

  get #holdings(): Holdings {
    this.#held ??= new Holdings(this.ctx.storage, scanKernel());
    return this.#held;
  }

  fill(from: number, count: number, dimensions: number): void {
    for (let at = from; at < from + count; at += BATCH) {
      const items = Array.from({ length: Math.min(BATCH, from + count - at) }, (_, i) => itemOf(at + i, dimensions));
      this.#holdings.put(embeddingOf(dimensions), items);
    }
  }

  /** Makes as many items as `fill` and stores none: what making them takes. */
  make(from: number, count: number, dimensions: number): number {
    let characters = 0;
    for (let at = from; at < from + count; at++) characters += itemOf(at, dimensions).text.length;
    return characters;
  }

  work(): boolean {
    return this.#holdings.work(50);
  }

  /** Asks what an item is about: six of its words, four that anybody uses, and a vector beside its own. */
  search(seed: number, dimensions: number, half: string, filter: ContextFilter): number[] {
    const text = half === "dense" ? "" : questionOf(seed).join(" ");
    const vector = half === "words" ? null : vectorOf(seed, dimensions, 1);
    const hits = this.#holdings.search(embeddingOf(dimensions), { text, vector, topK: 10, filter });
    return hits.map(({ item }) => Number.parseInt(item.id.slice(-12), 16));
  }

  /** A question of words that are in nearly every item. */
  common(): number {
    const query = { text: COMMON.join(" "), vector: null, topK: 10, filter: {} };
    return this.#holdings.search(embeddingOf(0), query).length;
  }

  /** The baseline: the same texts in FTS5 as anybody would put them there. */
  plainFill(from: number, count: number): void {
    const { sql } = this.ctx.storage;
    sql.exec("CREATE VIRTUAL TABLE IF NOT EXISTS plain USING fts5 (text)");
    this.ctx.storage.transactionSync(() => {
      for (let at = from; at < from + count; at++)
        sql.exec("INSERT INTO plain (rowid, text) VALUES (?, ?)", at, wordsOf(at).join(" "));
    });
  }

  /** Any of a question's words, in the order of FTS5's own rank. */
  plain(seed: number, common: boolean): number[] {
    const words = (common ? COMMON : questionOf(seed)).map((word) => `"${word}"`);
    return this.ctx.storage.sql
      .exec<{ rowid: number }>("SELECT rowid FROM plain WHERE plain MATCH ? ORDER BY rank LIMIT 10", words.join(" OR "))
      .toArray()
      .map(({ rowid }) => rowid);
  }

  stats(dimensions: number) {
    return { ...this.#holdings.stats(embeddingOf(dimensions)), kernel: scanKernel().bytes };
  }

  /** What asking costs by itself. */
  nothing(): void {}
}

const embeddingOf = (dimensions: number) => ({ model: "bench", dimensions });

export default {
  async fetch(request: Request, env: BenchEnv): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const number = (name: string) => Number(searchParams.get(name) ?? "0");
    const object = env.BENCH.getByName(searchParams.get("name") ?? "bench");
    const [from, count, dimensions] = [number("from"), number("count"), number("dimensions")];
    switch (pathname) {
      case "/fill":
        return Response.json((await object.fill(from, count, dimensions)) ?? null);
      case "/make":
        return Response.json(await object.make(from, count, dimensions));
      case "/work":
        return Response.json(await object.work());
      case "/search": {
        const filter = JSON.parse(searchParams.get("filter") ?? "{}") as ContextFilter;
        return Response.json(
          await object.search(number("seed"), dimensions, searchParams.get("half") ?? "both", filter),
        );
      }
      case "/common":
        return Response.json(await object.common());
      case "/plain-fill":
        return Response.json((await object.plainFill(from, count)) ?? null);
      case "/plain":
        return Response.json(await object.plain(number("seed"), number("common") === 1));
      case "/instant":
        return Response.json(instantOf(number("seed")));
      case "/stats":
        return Response.json(await object.stats(dimensions));
      default:
        return Response.json((await object.nothing()) ?? null);
    }
  },
};
