// The OpenAI contract as checkers: OpenAI's own document, read from beside the repository where it is kept. Null where it
// is absent, and loudly so: then nothing here can say that a request is right.
import { existsSync, readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

const DOCUMENT = new URL("../../../shared/contracts/openai-openapi.subset.json", import.meta.url);

/** What can be checked. */
export type ContractPart =
  | "chat request"
  | "chat response"
  | "chat chunk"
  | "embeddings request"
  | "embeddings response"
  | "models response"
  | "model"
  | "error";

/** What is wrong with a value; empty when it conforms. */
export type ContractCheck = (part: ContractPart, value: unknown) => readonly string[];

const SCHEMAS: Readonly<Record<ContractPart, string>> = {
  "chat request": "CreateChatCompletionRequest",
  "chat response": "CreateChatCompletionResponse",
  "chat chunk": "CreateChatCompletionStreamResponse",
  "embeddings request": "CreateEmbeddingRequest",
  "embeddings response": "CreateEmbeddingResponse",
  "models response": "ListModelsResponse",
  model: "Model",
  error: "ErrorResponse",
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** OpenAPI 3.0 leftovers: `nullable` becomes a union with null, `discriminator` would need mappings ajv does not know. */
const rewritten = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(rewritten);
  if (!isRecord(value)) return value;
  const { nullable, discriminator, ...rest } = value;
  // A property may itself be called "nullable" or "discriminator"; then it is a schema, not a flag.
  const kept = {
    ...rest,
    ...(isRecord(nullable) ? { nullable } : {}),
    ...(isRecord(discriminator) && discriminator.propertyName === undefined ? { discriminator } : {}),
  };
  const schema = Object.fromEntries(Object.entries(kept).map(([key, inner]) => [key, rewritten(inner)]));
  return nullable === true ? { anyOf: [schema, { type: "null" }] } : schema;
};

const build = (): ContractCheck => {
  const document: unknown = JSON.parse(readFileSync(DOCUMENT, "utf8"));
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  const whole = rewritten(document);
  ajv.addSchema({ $id: "openai", ...(isRecord(whole) ? whole : {}) });
  // The document leaves the chat request open; closing it makes a misspelt or invented field an error.
  const schemaFor = (part: ContractPart) => ({
    $ref: `openai#/components/schemas/${SCHEMAS[part]}`,
    ...(part === "chat request" ? { unevaluatedProperties: false } : {}),
  });
  const compiled = new Map<ContractPart, ValidateFunction>();
  return (part, value) => {
    const validate = compiled.get(part) ?? ajv.compile(schemaFor(part));
    compiled.set(part, validate);
    if (validate(value)) return [];
    return (validate.errors ?? []).map((error) => `${error.instancePath || "/"} ${error.message ?? error.keyword}`);
  };
};

let known: ContractCheck | null | undefined;

/** The checker, or null where the document is not there. */
export const openAiContract = (): ContractCheck | null => {
  if (known !== undefined) return known;
  known = existsSync(DOCUMENT) ? build() : null;
  if (known === null) console.warn(`OPENAI CONTRACT NOT CHECKED: ${DOCUMENT.pathname} is not there`);
  return known;
};
