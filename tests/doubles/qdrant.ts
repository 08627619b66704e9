// A double of Qdrant that really keeps and searches points: exact cosine, sparse dot products with the rarity of terms counted
// over the corpus that was asked for, strict mode. Given the contract, it holds every request and every answer against Qdrant's
// own document; what does not conform is refused, and remembered in `problems`.
import {
  fitsFilter,
  isJson,
  type Json,
  Refused,
  requireIndexes,
  type StoredPoint,
  type StoredVector,
} from "./qdrant-filter.ts";

/** What is wrong with a request or an answer by Qdrant's document; empty when it conforms. */
export interface QdrantContract {
  request(method: string, path: string, query: URLSearchParams, body: unknown): readonly string[];
  response(method: string, path: string, status: number, body: unknown): readonly string[];
}

interface Collection {
  readonly name: string;
  readonly made: Json;
  readonly dense: Map<string, Json>;
  readonly sparse: ReadonlyMap<string, Json>;
  /** Field → type of its index. */
  readonly indexes: Map<string, string>;
  readonly points: Map<string, StoredPoint>;
}

/** A request as it came. */
export interface AskedOfQdrant {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body: unknown;
}

/** What the double answers. */
export interface QdrantAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What is to go wrong with the next calls. */
export type QdrantTrouble = { readonly status: number; readonly retryAfter?: number } | "silence" | "rubbish";

const json = (value: unknown): Json => (isJson(value) ? value : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const entries = (value: unknown): [string, Json][] =>
  Object.entries(json(value)).map(([key, inner]) => [key, json(inner)]);
const byId = (a: StoredPoint, b: StoredPoint): number => (a.id < b.id ? -1 : 1);

const cosine = (a: readonly number[], b: readonly number[]): number => {
  let [dot, aa, bb] = [0, 0, 0];
  for (const [at, x] of a.entries()) {
    const y = b[at] ?? 0;
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa === 0 || bb === 0 ? 0 : dot / Math.sqrt(aa * bb);
};

const isDense = (vector: StoredVector | undefined): vector is readonly number[] => Array.isArray(vector);
const sparseIn = (vector: StoredVector | undefined): ReadonlyMap<number, number> | null =>
  vector === undefined || isDense(vector)
    ? null
    : new Map(vector.indices.map((index, at) => [index, vector.values[at] ?? 0]));

/** One server. */
export class QdrantDouble {
  readonly asked: AskedOfQdrant[] = [];
  /** Where a request or an answer did not fit the document. */
  readonly problems: string[] = [];
  version = "1.19.0";
  /** Collections as they are optimised. */
  status = "green";
  readonly #contract: QdrantContract | null;
  readonly #apiKey: string | null;
  readonly #collections = new Map<string, Collection>();
  readonly #aliases = new Map<string, string>();
  readonly #troubles: QdrantTrouble[] = [];
  #operation = 0;

  /** Without a contract requests are performed as far as they can be. */
  constructor(apiKey: string | null, contract: QdrantContract | null) {
    this.#apiKey = apiKey;
    this.#contract = contract;
  }

  /** Lets the next calls go wrong. */
  fail(trouble: QdrantTrouble, times = 1): void {
    for (let at = 0; at < times; at += 1) this.#troubles.push(trouble);
  }

  /** Everything works again. */
  mend(): void {
    this.#troubles.length = 0;
  }

  get collections(): string[] {
    return [...this.#collections.keys()].sort();
  }

  get aliases(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#aliases].sort());
  }

  /** How a collection was made, its indexes, and the dense vectors it has now. */
  describe(name: string): { made: Json; indexes: Readonly<Record<string, string>>; dense: string[] } {
    const collection = this.#collection(name);
    return {
      made: collection.made,
      indexes: Object.fromEntries([...collection.indexes].sort()),
      dense: [...collection.dense.keys()].sort(),
    };
  }

  /** The points of a collection, to look at. */
  pointsOf(name: string): readonly StoredPoint[] {
    return [...this.#collection(name).points.values()];
  }

  /** Puts a collection there as another program would have made it. */
  plant(name: string, points: readonly { id: string; vector: readonly number[]; payload: Json }[]): void {
    const size = points[0]?.vector.length ?? 1;
    this.#create(name, { vectors: { size, distance: "Cosine" } });
    const kept = this.#collection(name).points;
    for (const { id, vector, payload } of points)
      kept.set(id, { id, payload, vectors: new Map([["", vector]]), version: 1 });
  }

  /** Answers a request; null: there is no answer. */
  handle(method: string, target: string, key: string | undefined, text: string): QdrantAnswer | null {
    const url = new URL(target, "http://qdrant.test");
    const path = decodeURIComponent(url.pathname);
    const body: unknown = text === "" ? undefined : JSON.parse(text);
    this.asked.push({ method, path, query: url.search, body });
    if (this.#apiKey !== null && key !== this.#apiKey)
      return { status: 401, body: "Must provide an API key or an Authorization bearer token" };
    const trouble = this.#troubles.shift();
    if (trouble === "silence") return null;
    if (trouble === "rubbish") return { status: 200, body: "<html>a proxy's greeting</html>" };
    if (trouble !== undefined) {
      const { status, retryAfter } = trouble;
      const headers = retryAfter === undefined ? {} : { "retry-after": String(retryAfter) };
      return {
        status,
        body: { time: 0, status: { error: "Service internal error: the double was told so" } },
        headers,
      };
    }
    const answer = this.#checked(method, path, url.searchParams, body);
    for (const problem of this.#contract?.response(method, path, answer.status, answer.body) ?? [])
      this.problems.push(`answer to ${method} ${path}: ${problem}`);
    return answer;
  }

  #checked(method: string, path: string, query: URLSearchParams, body: unknown): QdrantAnswer {
    const wrong = this.#contract?.request(method, path, query, body) ?? [];
    this.problems.push(
      ...wrong.map((problem) => `${method} ${path}: ${problem} in ${JSON.stringify(body)?.slice(0, 300)}`),
    );
    try {
      if (wrong.length > 0) throw new Refused(400, `Format error in JSON body: ${wrong[0]}`);
      const result = this.#perform(method, path, body);
      if (path === "/") return { status: 200, body: result };
      return { status: 200, body: { result, status: "ok", time: 0.001 } };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { status: error.status, body: { status: { error: error.message }, time: 0.001 } };
    }
  }

  #perform(method: string, path: string, body: unknown): unknown {
    const [, root, name = "", ...rest] = path.split("/");
    if (path === "/") return { title: "qdrant - vector search engine", version: this.version };
    if (root !== "collections") throw new Refused(404, "Not found");
    const asked = json(body);
    switch (`${method} ${name === "aliases" ? "/aliases" : rest.join("/").replace(/^vectors\/.+/, "vectors/*")}`) {
      case "POST /aliases":
        return this.#changeAliases(asked);
      case "PUT ":
        return this.#create(name, asked);
      case "GET ":
        return this.#info(this.#collection(name));
      case "DELETE ":
        return this.#drop(name);
      case "GET aliases":
        return this.#aliasesOf(this.#collection(name));
      case "PUT index":
        return this.#index(this.#collection(name), asked);
      case "PUT vectors/*":
        return this.#addVector(this.#collection(name), rest[1] ?? "", asked);
      case "PUT points":
        return this.#upsert(this.#collection(name), asked);
      case "POST points/batch":
        return this.#batch(this.#collection(name), asked);
      case "POST points/delete":
        return this.#remove(this.#collection(name), asked);
      case "POST points/count":
        return { count: this.#fitting(this.#collection(name), asked.filter).length };
      case "POST points/scroll":
        return this.#scroll(this.#collection(name), asked);
      case "POST points/query/batch":
        return list(asked.searches).map((search) => this.#query(this.#collection(name), json(search)));
      default:
        throw new Refused(404, `Not found: the double has no ${method} ${path}`);
    }
  }

  #collection(name: string): Collection {
    const found = this.#collections.get(this.#aliases.get(name) ?? name);
    if (found === undefined) throw new Refused(404, `Not found: Collection \`${name}\` doesn't exist!`);
    return found;
  }

  #create(name: string, made: Json): boolean {
    if (this.#collections.has(name)) throw new Refused(409, `Wrong input: Collection \`${name}\` already exists!`);
    const vectors = json(made.vectors);
    this.#collections.set(name, {
      name,
      made,
      dense: new Map(typeof vectors.size === "number" ? [["", vectors]] : entries(vectors)),
      sparse: new Map(entries(made.sparse_vectors)),
      indexes: new Map(),
      points: new Map(),
    });
    return true;
  }

  #drop(name: string): boolean {
    const there = this.#collections.delete(name);
    for (const [alias, target] of this.#aliases) if (target === name) this.#aliases.delete(alias);
    return there;
  }

  #info(collection: Collection): Json {
    return {
      status: this.status,
      optimizer_status: "ok",
      segments_count: 1,
      points_count: collection.points.size,
      indexed_vectors_count: 0,
      config: {
        params: {
          vectors: collection.dense.has("") ? collection.dense.get("") : Object.fromEntries(collection.dense),
          sparse_vectors: Object.fromEntries(collection.sparse),
        },
        hnsw_config: { m: 16, ef_construct: 100, full_scan_threshold: 10_000 },
        optimizer_config: { default_segment_number: 0, flush_interval_sec: 5 },
      },
      payload_schema: Object.fromEntries(
        [...collection.indexes].map(([field, type]) => [field, { data_type: type, points: collection.points.size }]),
      ),
    };
  }

  #aliasesOf({ name }: Collection): Json {
    const aliases = [...this.#aliases].filter(([, target]) => target === name);
    return { aliases: aliases.map(([alias_name, collection_name]) => ({ alias_name, collection_name })) };
  }

  #changeAliases({ actions }: Json): boolean {
    for (const action of list(actions).map(json)) {
      const [created, deleted] = [json(action.create_alias), json(action.delete_alias)];
      if (typeof created.alias_name === "string") {
        if (this.#collections.has(created.alias_name))
          throw new Refused(409, `Wrong input: Collection \`${created.alias_name}\` already exists!`);
        this.#aliases.set(created.alias_name, this.#collection(String(created.collection_name)).name);
      } else if (!this.#aliases.delete(String(deleted.alias_name)))
        throw new Refused(404, `Not found: Alias ${String(deleted.alias_name)} does not exists!`);
    }
    return true;
  }

  #index(collection: Collection, { field_name, field_schema }: Json): Json {
    const type = typeof field_schema === "string" ? field_schema : String(json(field_schema).type);
    collection.indexes.set(String(field_name), type);
    return this.#done();
  }

  #addVector(collection: Collection, name: string, { dense }: Json): Json {
    if (collection.dense.has(name)) throw new Refused(400, `Wrong input: Vector ${name} already exists`);
    collection.dense.set(name, json(dense));
    return this.#done();
  }

  #done(): Json {
    this.#operation += 1;
    return { operation_id: this.#operation, status: "completed" };
  }

  #strictly(collection: Collection, filter: unknown): void {
    if (json(collection.made.strict_mode_config).enabled === true) requireIndexes(filter, collection.indexes);
  }

  #limited(collection: Collection, limit: unknown): number {
    const most = json(collection.made.strict_mode_config).max_query_limit;
    const wanted = typeof limit === "number" ? limit : 10;
    if (typeof most === "number" && wanted > most)
      throw new Refused(
        400,
        `Bad request: Limit exceeded ${wanted} > ${most} for "limit". Help: Reduce the "limit" parameter.`,
      );
    return wanted;
  }

  #fitting(collection: Collection, filter: unknown): StoredPoint[] {
    this.#strictly(collection, filter);
    return [...collection.points.values()].filter((point) => fitsFilter(point, filter)).sort(byId);
  }

  #vector(collection: Collection, name: string, value: unknown): StoredVector {
    if (Array.isArray(value)) {
      const known = collection.dense.get(name);
      if (known === undefined) throw new Refused(400, `Wrong input: Not existing vector name error: ${name}`);
      if (value.length !== known.size)
        throw new Refused(
          400,
          `Wrong input: Vector dimension error: expected dim: ${String(known.size)}, got ${value.length}`,
        );
      return value.map(Number);
    }
    if (!collection.sparse.has(name)) throw new Refused(400, `Wrong input: Not existing vector name error: ${name}`);
    const [indices, values] = [list(json(value).indices).map(Number), list(json(value).values).map(Number)];
    if (new Set(indices).size !== indices.length || indices.length !== values.length)
      throw new Refused(422, "Validation error in JSON body: [indices: must be unique, and as many as values]");
    return { indices, values };
  }

  #upsert(collection: Collection, { points, update_filter }: Json): Json {
    this.#strictly(collection, update_filter);
    const vectors = list(points).map((point) =>
      entries(json(point).vector).length === 0
        ? []
        : Object.entries(json(json(point).vector)).map(([name, value]): [string, StoredVector] => [
            name,
            this.#vector(collection, name, value),
          ]),
    );
    for (const [at, point] of list(points).map(json).entries()) {
      const id = String(point.id).toLowerCase();
      const there = collection.points.get(id);
      if (there !== undefined && !fitsFilter(there, update_filter)) continue;
      const version = (there?.version ?? 0) + 1;
      collection.points.set(id, { id, payload: json(point.payload), vectors: new Map(vectors[at]), version });
    }
    return this.#done();
  }

  #batch(collection: Collection, { operations }: Json): Json[] {
    return list(operations).map((operation) => {
      const { points, update_filter } = json(json(operation).update_vectors);
      if (points === undefined) throw new Refused(400, "Wrong input: the double knows update_vectors");
      this.#strictly(collection, update_filter);
      for (const point of list(points).map(json)) {
        const id = String(point.id).toLowerCase();
        const there = collection.points.get(id);
        if (there === undefined) throw new Refused(404, `Not found: No point with id ${id} found`);
        if (!fitsFilter(there, update_filter)) continue;
        const fresh = Object.entries(json(point.vector)).map(([name, value]): [string, StoredVector] => [
          name,
          this.#vector(collection, name, value),
        ]);
        collection.points.set(id, {
          ...there,
          vectors: new Map([...there.vectors, ...fresh]),
          version: there.version + 1,
        });
      }
      return this.#done();
    });
  }

  #remove(collection: Collection, { filter, points }: Json): Json {
    const going =
      points === undefined
        ? this.#fitting(collection, filter).map(({ id }) => id)
        : list(points).map((id) => String(id));
    for (const id of going) collection.points.delete(id);
    return this.#done();
  }

  #shown(point: StoredPoint, { with_payload, with_vector }: Json, payloadUnlessSaid: boolean): Json {
    const payload = with_payload === undefined ? payloadUnlessSaid : with_payload === true;
    const names = with_vector === true ? [...point.vectors.keys()] : list(with_vector).map(String);
    const plain = point.vectors.get("");
    const named = Object.fromEntries(
      names.flatMap((name) => (point.vectors.has(name) ? [[name, point.vectors.get(name)]] : [])),
    );
    return {
      id: point.id,
      ...(payload ? { payload: point.payload } : {}),
      ...(names.length > 0 ? { vector: plain !== undefined && with_vector === true ? plain : named } : {}),
    };
  }

  #scroll(collection: Collection, asked: Json): Json {
    const limit = this.#limited(collection, asked.limit);
    const fitting = this.#fitting(collection, asked.filter);
    const order = json(asked.order_by);
    if (typeof order.key === "string") {
      const { key } = order;
      if (!["integer", "float", "datetime"].includes(collection.indexes.get(key) ?? ""))
        throw new Refused(
          400,
          `Wrong input: No range index for \`order_by\` key: \`${key}\`. Please create one to use \`order_by\`.`,
        );
      const sign = order.direction === "desc" ? -1 : 1;
      const value = (point: StoredPoint) => Number(point.payload[key]);
      const points = fitting.sort((a, b) => sign * (value(a) - value(b)) || byId(a, b)).slice(0, limit);
      return { points: points.map((point) => this.#shown(point, asked, true)), next_page_offset: null };
    }
    const from = typeof asked.offset === "string" ? asked.offset.toLowerCase() : "";
    const rest = fitting.filter(({ id }) => id >= from);
    return {
      points: rest.slice(0, limit).map((point) => this.#shown(point, asked, true)),
      next_page_offset: rest[limit]?.id ?? null,
    };
  }

  #query(collection: Collection, asked: Json): Json {
    const limit = this.#limited(collection, asked.limit);
    const using = typeof asked.using === "string" ? asked.using : "";
    const query = this.#vector(collection, using, asked.query);
    const scored = this.#fitting(collection, asked.filter).flatMap((point) => {
      const vector = point.vectors.get(using);
      return vector === undefined ? [] : [{ point, vector }];
    });
    const score = isDense(query)
      ? (vector: StoredVector) => (isDense(vector) ? cosine(query, vector) : null)
      : this.#sparseScore(collection, using, query, json(asked.params));
    const found = scored
      .flatMap(({ point, vector }) => {
        const value = score(vector);
        return value === null ? [] : [{ point, value }];
      })
      .sort((a, b) => b.value - a.value || byId(a.point, b.point))
      .slice(0, limit);
    return {
      points: found.map(({ point, value }) => ({
        ...this.#shown(point, asked, false),
        version: point.version,
        score: Math.fround(value),
      })),
    };
  }

  /** Only what shares a term is found at all; how rare a term is counts over the corpus. */
  #sparseScore(collection: Collection, using: string, query: StoredVector, params: Json) {
    const asked = sparseIn(query) ?? new Map<number, number>();
    const weighs = collection.sparse.get(using)?.modifier === "idf";
    const corpus = this.#fitting(collection, json(json(params.idf).corpus))
      .map(({ vectors }) => sparseIn(vectors.get(using)))
      .filter((vector) => vector !== null);
    const idf = new Map(
      [...asked.keys()].map((index) => {
        const df = corpus.filter((vector) => vector.has(index)).length;
        return [index, weighs ? Math.log((corpus.length - df + 0.5) / (df + 0.5) + 1) : 1] as const;
      }),
    );
    return (vector: StoredVector): number | null => {
      const kept = sparseIn(vector);
      const common = [...asked].filter(([index]) => kept?.has(index) === true);
      if (kept === null || common.length === 0) return null;
      return common.reduce((sum, [index, value]) => sum + value * (kept.get(index) ?? 0) * (idf.get(index) ?? 1), 0);
    };
  }
}
