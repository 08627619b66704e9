// How the double of Qdrant filters: the conditions it knows, and strict mode, which lets no filter go without its index.

/** A point as the double keeps it. */
export interface StoredPoint {
  readonly id: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly vectors: ReadonlyMap<string, StoredVector>;
  readonly version: number;
}

/** Dense, or sparse. */
export type StoredVector =
  | readonly number[]
  | { readonly indices: readonly number[]; readonly values: readonly number[] };

/** An object of JSON. */
export type Json = Readonly<Record<string, unknown>>;

export const isJson = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A request the server refuses. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, text: string) {
    super(text);
    this.status = status;
  }
}

const listOf = (value: unknown): readonly Json[] =>
  value === undefined || value === null ? [] : (Array.isArray(value) ? value : [value]).filter(isJson);

const valuesAt = (point: StoredPoint, key: string): readonly unknown[] => {
  const value = point.payload[key];
  return value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
};

const fitsMatch = (values: readonly unknown[], match: Json): boolean => {
  if (match.value !== undefined) return values.includes(match.value);
  const { any } = match;
  if (Array.isArray(any)) return values.some((value) => any.includes(value));
  throw new Refused(400, "Wrong input: the double knows match.value and match.any");
};

const fitsRange = (values: readonly unknown[], range: Json): boolean =>
  values.some(
    (value) =>
      typeof value === "number" &&
      (typeof range.gte !== "number" || value >= range.gte) &&
      (typeof range.gt !== "number" || value > range.gt) &&
      (typeof range.lt !== "number" || value < range.lt) &&
      (typeof range.lte !== "number" || value <= range.lte),
  );

const fitsCondition = (point: StoredPoint, condition: Json): boolean => {
  if (Array.isArray(condition.has_id)) return condition.has_id.some((id) => String(id).toLowerCase() === point.id);
  if (typeof condition.has_vector === "string") return point.vectors.has(condition.has_vector);
  if (typeof condition.key === "string") {
    const values = valuesAt(point, condition.key);
    if (isJson(condition.match)) return fitsMatch(values, condition.match);
    if (isJson(condition.range)) return fitsRange(values, condition.range);
    throw new Refused(400, "Wrong input: the double knows match and range");
  }
  return fitsFilter(point, condition);
};

/** True when a point fits a filter; no filter fits all. */
export const fitsFilter = (point: StoredPoint, filter: unknown): boolean => {
  if (!isJson(filter)) return true;
  const should = listOf(filter.should);
  return (
    listOf(filter.must).every((one) => fitsCondition(point, one)) &&
    !listOf(filter.must_not).some((one) => fitsCondition(point, one)) &&
    (should.length === 0 || should.some((one) => fitsCondition(point, one)))
  );
};

const FITTING: Readonly<Record<string, readonly string[]>> = {
  string: ["keyword", "text", "uuid"],
  boolean: ["bool"],
  number: ["integer"],
};

const indexesFor = (condition: Json): readonly string[] => {
  if (isJson(condition.range)) return ["integer", "float"];
  if (!isJson(condition.match)) return [];
  const value = condition.match.value ?? (Array.isArray(condition.match.any) ? condition.match.any[0] : undefined);
  return FITTING[typeof value] ?? [];
};

/** Strict mode: every field a filter asks for has an index that can answer. */
export const requireIndexes = (filter: unknown, indexes: ReadonlyMap<string, string>): void => {
  if (!isJson(filter)) return;
  for (const condition of [...listOf(filter.must), ...listOf(filter.must_not), ...listOf(filter.should)]) {
    if (typeof condition.key === "string") {
      const wanted = indexesFor(condition);
      if (!wanted.includes(indexes.get(condition.key) ?? ""))
        throw new Refused(
          400,
          `Bad request: Index required but not found for "${condition.key}" of one of the following types: [${wanted.join(", ")}]. Help: Create an index for this key or use a different filter.`,
        );
    } else requireIndexes(condition, indexes);
  }
};
