// The vector index inside a real object, with nothing around it: filled from numbers, built in slices, searched; and next to
// it the plainest exact search, over the same rows, one vector a row.
import { DurableObject } from "cloudflare:workers";
import { Hono } from "hono";
import { Rotation } from "#durable-objects/vector-index/rotation.ts";
import { scanKernel } from "#durable-objects/vector-index/scan-kernel.ts";
import { VectorIndex } from "#durable-objects/vector-index/vector-index.ts";
import { Clusters, type Ground, product } from "./clusters.ts";

interface ShelfEnv {
  readonly SHELVES: DurableObjectNamespace<Shelf>;
}

/** What every request says. */
interface Asked extends Ground {
  readonly from: number;
  readonly to: number;
  /** How many queries the truth is kept for; in a search, which one is asked. */
  readonly queries: number;
}

/** Keys of queries lie where no vector's does. */
const QUERIES_FROM = 1_000_000_000;
const AT_ONCE = 500;

export class Shelf extends DurableObject<ShelfEnv> {
  #clusters: Clusters | null = null;
  #index: VectorIndex | null = null;
  /** The ten nearest of each query, by looking at every vector as it was made. */
  readonly #truth: { key: number; similarity: number }[][] = [];

  #open(ground: Ground): { clusters: Clusters; index: VectorIndex } {
    this.#clusters ??= new Clusters(ground);
    this.#index ??= new VectorIndex(this.ctx.storage, "bench", ground.dimensions, scanKernel());
    return { clusters: this.#clusters, index: this.#index };
  }

  /** Stores a range of vectors; the milliseconds that took, without making them. */
  async fill(asked: Asked): Promise<object> {
    const { clusters, index } = this.#open(asked);
    const queries = Array.from({ length: asked.queries }, (_, at) => clusters.vector(QUERIES_FROM + at));
    let milliseconds = 0;
    for (let from = asked.from; from < asked.to; from += AT_ONCE) {
      const entries = Array.from({ length: Math.min(AT_ONCE, asked.to - from) }, (_, at) => ({
        key: from + at,
        vector: clusters.vector(from + at),
      }));
      const began = performance.now();
      index.put(entries);
      milliseconds += performance.now() - began;
      for (const [at, query] of queries.entries()) this.#compare(at, query, entries);
    }
    await this.ctx.storage.sync();
    return { milliseconds, size: index.size };
  }

  #compare(at: number, query: Float32Array, entries: readonly { key: number; vector: Float32Array }[]): void {
    const best = this.#truth[at] ?? [];
    this.#truth[at] = best;
    for (const { key, vector } of entries) {
      const similarity = product(query, vector);
      if (best.length === 10 && similarity <= (best[9]?.similarity ?? -1)) continue;
      best.push({ key, similarity });
      best.sort((a, b) => b.similarity - a.similarity);
      best.length = Math.min(best.length, 10);
    }
  }

  truth(): number[][] {
    return this.#truth.map((best) => best.map(({ key }) => key));
  }

  /** Slices of work for about a second. */
  async work(asked: Asked): Promise<object> {
    const { index } = this.#open(asked);
    const until = Date.now() + 1_000;
    let longest = 0;
    let more = true;
    while (more && Date.now() < until) {
      const began = performance.now();
      more = index.work(25);
      longest = Math.max(longest, performance.now() - began);
    }
    await this.ctx.storage.sync();
    return { more, longest };
  }

  search(asked: Asked): number[] {
    const { clusters, index } = this.#open(asked);
    return index.search(clusters.vector(QUERIES_FROM + asked.queries), 10).map(({ key }) => key);
  }

  /** What a search costs around the index: the call, and making the query. */
  nothing(asked: Asked): number[] {
    return [
      ...this.#open(asked)
        .clusters.vector(QUERIES_FROM + asked.queries)
        .subarray(0, 10),
    ];
  }

  /** Every row is read, and its product taken in plain code. */
  exact(asked: Asked): number[] {
    const query = this.#open(asked).clusters.vector(QUERIES_FROM + asked.queries);
    // Rows are kept rotated.
    new Rotation(asked.dimensions).turn(query);
    const best: { key: number; similarity: number }[] = [];
    for (const [key, row] of this.ctx.storage.sql
      .exec("SELECT key, row FROM bench_vectors")
      .raw<[number, ArrayBuffer]>()) {
      const values = new Int8Array(row, 4);
      let sum = 0;
      for (let at = 0; at < values.length; at++) sum += (values[at] ?? 0) * (query[at] ?? 0);
      const similarity = sum * new DataView(row).getFloat32(0, true);
      if (best.length === 10 && similarity <= (best[9]?.similarity ?? -1)) continue;
      best.push({ key, similarity });
      best.sort((a, b) => b.similarity - a.similarity);
      best.length = Math.min(best.length, 10);
    }
    return best.map(({ key }) => key);
  }

  size(asked: Asked): object {
    const { index } = this.#open(asked);
    return {
      size: index.size,
      bytes: this.ctx.storage.sql.databaseSize,
      resident: index.resident,
      kernel: scanKernel().bytes,
      building: index.building,
    };
  }
}

const app = new Hono<{ Bindings: ShelfEnv }>();
app.get("/api/v1/health", (c) => c.json({ status: "ok" }));
app.post("/:shelf/:deed", async (c) => {
  const shelf = c.env.SHELVES.getByName(c.req.param("shelf"));
  const asked: Asked = await c.req.json();
  switch (c.req.param("deed")) {
    case "fill":
      return c.json(await shelf.fill(asked));
    case "work":
      return c.json(await shelf.work(asked));
    case "search":
      return c.json(await shelf.search(asked));
    case "nothing":
      return c.json(await shelf.nothing(asked));
    case "exact":
      return c.json(await shelf.exact(asked));
    case "truth":
      return c.json(await shelf.truth());
    case "size":
      return c.json(await shelf.size(asked));
    default:
      return c.notFound();
  }
});

export default app;
