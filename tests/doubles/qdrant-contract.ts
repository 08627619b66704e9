// Qdrant's contract as checkers: its own document, read from beside the repository where it is kept. Null where it is absent, and
// loudly so: then nothing here can say that a request is right. As it is, the document lets nearly everything pass: a bare
// `nullable` in a union means "anything" there, and its objects are open. Both are put right before it is used.
import { existsSync, readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import type { QdrantContract } from "./qdrant.ts";

const DOCUMENT = new URL("../../../shared/contracts/qdrant-openapi.json", import.meta.url);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const rewritten = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(rewritten);
  if (!isRecord(value)) return value;
  const { nullable, ...rest } = value;
  const flag = nullable === true;
  if (flag && Object.keys(rest).every((key) => key === "description" || key === "default")) return { type: "null" };
  // A property may itself be called "nullable"; then it is a schema, not a flag.
  const kept: Record<string, unknown> = isRecord(nullable) ? { ...rest, nullable } : rest;
  const schema = Object.fromEntries(Object.entries(kept).map(([key, inner]) => [key, rewritten(inner)]));
  if (isRecord(schema.properties) && schema.type === "object" && schema.additionalProperties === undefined)
    schema.additionalProperties = false;
  return flag ? { anyOf: [schema, { type: "null" }] } : schema;
};

interface Operation {
  readonly pattern: RegExp;
  readonly literal: number;
  readonly queries: ReadonlyMap<string, unknown>;
  readonly body: unknown;
  readonly answer: unknown;
}

const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), value);

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

const operationsOf = (document: Record<string, unknown>): ReadonlyMap<string, readonly Operation[]> => {
  const operations = new Map<string, Operation[]>();
  for (const [template, methods] of Object.entries(isRecord(document.paths) ? document.paths : {})) {
    const pattern = new RegExp(`^${template.replace(/\{[^}]+\}/g, "[^/]+")}$`);
    for (const [method, operation] of Object.entries(isRecord(methods) ? methods : {})) {
      const parameters = at(operation, "parameters");
      const queries = (Array.isArray(parameters) ? parameters : []).filter((one) => at(one, "in") === "query");
      const known = operations.get(method.toUpperCase()) ?? [];
      known.push({
        pattern,
        literal: template.replace(/\{[^}]+\}/g, "").length,
        queries: new Map(queries.map((one) => [String(at(one, "name")), at(one, "schema")])),
        body: at(operation, "requestBody", "content", "application/json", "schema"),
        answer: at(operation, "responses", "200", "content", "application/json", "schema"),
      });
      operations.set(method.toUpperCase(), known);
    }
  }
  return operations;
};

const build = (): QdrantContract => {
  const document = rewritten(JSON.parse(readFileSync(DOCUMENT, "utf8")));
  if (!isRecord(document)) throw new Error("the document is no object");
  const ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: true });
  for (const name of ["uint", "uint8", "uint32", "uint64", "int64", "float", "double"]) ajv.addFormat(name, true);
  ajv.addFormat("uuid", /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i);
  ajv.addFormat("date-time", (text: string) => !Number.isNaN(Date.parse(text)));
  for (const name of ["partial-date-time", "uri"]) ajv.addFormat(name, true);
  ajv.addSchema({ $id: "qdrant", components: document.components });

  // A local reference of the document is one into the schema it was added as.
  const anchored = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(anchored)
      : isRecord(value)
        ? Object.fromEntries(
            Object.entries(value).map(([key, inner]) => [
              key,
              key === "$ref" && typeof inner === "string" ? `qdrant${inner}` : anchored(inner),
            ]),
          )
        : value;
  const compiled = new Map<unknown, ValidateFunction>();
  const check = (schema: unknown, value: unknown): string[] => {
    let validate = compiled.get(schema);
    if (validate === undefined) {
      const whole = anchored(schema);
      validate = ajv.compile(isRecord(whole) ? whole : {});
      compiled.set(schema, validate);
    }
    if (validate(value)) return [];
    return (validate.errors ?? []).map(({ instancePath, message, params }) =>
      `${instancePath || "/"} ${message ?? ""} ${JSON.stringify(params)}`.trim(),
    );
  };

  const operations = operationsOf(document);
  const find = (method: string, path: string): Operation | undefined =>
    (operations.get(method) ?? [])
      .filter(({ pattern }) => pattern.test(path))
      .sort((a, b) => b.literal - a.literal)
      .at(0);

  return {
    request(method, path, query, body) {
      const operation = find(method, path);
      if (operation === undefined) return [`there is no ${method} ${path}`];
      const said = [...query].flatMap(([name, text]) => {
        const schema = operation.queries.get(name);
        if (schema === undefined) return [`there is no query parameter ${name}`];
        return check(schema, parsed(text)).map((problem) => `query ${name}: ${problem}`);
      });
      if (operation.body === undefined) return body === undefined ? said : [...said, "there is no body"];
      return [...said, ...check(operation.body, body)];
    },
    response(method, path, status, body) {
      if (status !== 200) {
        const error = at(body, "status", "error");
        return [
          ...check({ $ref: "#/components/schemas/ErrorResponse" }, body),
          ...(typeof error === "string" ? [] : ["an error says what it is"]),
        ];
      }
      const operation = find(method, path);
      if (operation?.answer === undefined) return [`nothing is known of an answer to ${method} ${path}`];
      const envelope = path === "/" || (isRecord(body) && body.status === "ok" && typeof body.time === "number");
      return [...check(operation.answer, body), ...(envelope ? [] : ["the envelope is not one"])];
    },
  };
};

let known: QdrantContract | null | undefined;

/** The checkers, or null where the document is not there. */
export const qdrantContract = (): QdrantContract | null => {
  if (known !== undefined) return known;
  known = existsSync(DOCUMENT) ? build() : null;
  if (known === null) console.warn(`QDRANT CONTRACT NOT CHECKED: ${DOCUMENT.pathname} is not there`);
  return known;
};
