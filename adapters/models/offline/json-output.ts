// Answers in JSON when the request asks for it: a plan when the schema is a plan's, otherwise the schema filled with what
// the rules can say. What it produces always has the schema's shape; what it cannot know is left empty.
import { planFor } from "./plan.ts";
import type { JsonSchema } from "./protocol.ts";

/** What there is to fill a schema with. */
export interface JsonMaterial {
  readonly request: string;
  readonly system: string;
  readonly answer: string;
}

const DEEPEST = 8;

const schemaOf = (value: unknown): JsonSchema | null =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;

const resolved = (schema: JsonSchema, root: JsonSchema): JsonSchema => {
  if (typeof schema.$ref === "string") {
    const target = schema.$ref
      .replace(/^#\/?/, "")
      .split("/")
      .reduce<unknown>((at, key) => (key === "" ? at : schemaOf(at)?.[key]), root);
    return schemaOf(target) ?? {};
  }
  const options = schema.anyOf ?? schema.oneOf;
  const chosen = Array.isArray(options)
    ? options.map(schemaOf).find((option) => option !== null && option.type !== "null")
    : null;
  return chosen ? resolved(chosen, root) : schema;
};

const typeOf = (schema: JsonSchema): string => {
  const types = Array.isArray(schema.type) ? schema.type.filter((type) => type !== "null") : [schema.type];
  return typeof types[0] === "string" ? types[0] : schema.properties === undefined ? "string" : "object";
};

const stepItems = (schema: JsonSchema, root: JsonSchema): JsonSchema | null => {
  const steps = schemaOf(schemaOf(schema.properties)?.steps);
  const items = steps === null ? null : schemaOf(resolved(steps, root).items);
  const item = items === null ? null : resolved(items, root);
  return item !== null && schemaOf(item.properties)?.instruction !== undefined ? item : null;
};

const fieldsOf = (schema: JsonSchema, root: JsonSchema): [string, JsonSchema][] =>
  Object.entries(schemaOf(schema.properties) ?? {}).map(([key, field]) => [key, resolved(schemaOf(field) ?? {}, root)]);

const plan = (item: JsonSchema, root: JsonSchema, material: JsonMaterial) => {
  const fields = fieldsOf(item, root);
  const agentEnum = fields.find(([key]) => key === "agent")?.[1].enum;
  const allowed = Array.isArray(agentEnum) ? agentEnum.filter((name) => typeof name === "string") : [];
  return planFor(material.request, material.system, allowed).map((step) =>
    Object.fromEntries(
      fields.map(([key, field]) => [
        key,
        Object.entries(step).find(([name]) => name === key)?.[1] ?? filled(field, root, key, material, 2),
      ]),
    ),
  );
};

const filled = (given: JsonSchema, root: JsonSchema, name: string, material: JsonMaterial, depth: number): unknown => {
  const schema = resolved(given, root);
  if (schema.const !== undefined) return schema.const;
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return schema.enum[0];
  switch (typeOf(schema)) {
    case "object": {
      if (depth > DEEPEST) return {};
      const item = stepItems(schema, root);
      return Object.fromEntries(
        fieldsOf(schema, root).map(([key, field]) => [
          key,
          key === "steps" && item !== null ? plan(item, root, material) : filled(field, root, key, material, depth + 1),
        ]),
      );
    }
    case "array": {
      const least = typeof schema.minItems === "number" ? Math.min(schema.minItems, 16) : 0;
      const items = schemaOf(schema.items) ?? {};
      return Array.from({ length: least }, () => filled(items, root, name, material, depth + 1));
    }
    case "integer":
    case "number":
      return typeof schema.minimum === "number" ? schema.minimum : 0;
    case "boolean":
      return false;
    case "null":
      return null;
    default: {
      const longest = typeof schema.maxLength === "number" ? schema.maxLength : 4_000;
      const text = /title|name|subject|topic/i.test(name) ? material.request.slice(0, 80) : material.answer;
      return text.slice(0, longest);
    }
  }
};

/** The JSON text of an answer. Without a schema: a plan if one is asked for, else `{"answer": …}`. */
export const jsonAnswer = (schema: JsonSchema | null, material: JsonMaterial): string => {
  if (schema !== null) return JSON.stringify(filled(schema, schema, "", material, 0));
  const wantsPlan = /\bsteps?\b/i.test(material.system) && /\binstruction\b/i.test(material.system);
  return JSON.stringify(
    wantsPlan ? { steps: planFor(material.request, material.system, []) } : { answer: material.answer },
  );
};
