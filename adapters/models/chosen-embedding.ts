// Which model makes the vectors, decided in one place from the environment: the doors and the spaces must not differ, or an
// agent's context would be written in one space of meanings and searched in another.
import { z } from "zod";
import { ok, type Result, refuse } from "#schema/result.ts";
import { chosenServer } from "./chosen-server.ts";
import { OFFLINE_EMBEDDING_MODEL } from "./offline/model-name.ts";
import { isOpenAiHost } from "./openai-client.ts";

/** The variables it is chosen by; an empty one counts as absent. */
export const EmbeddingVariables = z.object({
  EMBEDDING_MODEL: z
    .string()
    .regex(/^[^\s,]{1,120}$/, "must be the name of one model")
    .optional(),
  EMBEDDING_DIMENSIONS: z.coerce.number().int().min(8).max(4096).optional(),
  EMBEDDING_BASE_URL: z.url({ protocol: /^https?$/ }).optional(),
  EMBEDDING_API_KEY: z.string().optional(),
  OPENAI_BASE_URL: z.string().optional(),
  OPENAI_API_KEY: z.string().optional(),
});

/** The chosen model. `baseUrl` null: the offline one. */
export interface ChosenEmbedding {
  readonly baseUrl: string | null;
  readonly apiKey: string | null;
  readonly model: string;
  readonly dimensions: number;
  /** Whether the server is asked for that many dimensions; servers whose models have only one length may refuse the question. */
  readonly askDimensions: boolean;
}

const OPENAI_MODEL = "text-embedding-3-small";
const OFFLINE_DIMENSIONS = 384;

/** Lengths of well-known models, so that nobody has to look them up. Any other needs EMBEDDING_DIMENSIONS. */
const KNOWN_DIMENSIONS: Readonly<Record<string, number>> = {
  "text-embedding-3-small": 1536,
  "text-embedding-3-large": 3072,
  "text-embedding-ada-002": 1536,
  "nomic-embed-text": 768,
  "mxbai-embed-large": 1024,
  "all-minilm": 384,
  "bge-m3": 1024,
  "mistral-embed": 1024,
};

/** The model without its maker before a slash and its tag after a colon. */
const bare = (model: string): string => model.slice(model.lastIndexOf("/") + 1).replace(/:[\w.-]+$/, "");

const chosen = (
  server: { readonly baseUrl: string; readonly apiKey: string | null },
  model: string,
  wanted: number | undefined,
): Result<ChosenEmbedding> => {
  const native = KNOWN_DIMENSIONS[bare(model)];
  const dimensions = wanted ?? native;
  if (dimensions === undefined)
    return refuse("not_configured", "EMBEDDING_DIMENSIONS: is needed, the length of this model's vectors is not known");
  const shortens = bare(model).startsWith("text-embedding-3-");
  return ok({ ...server, model, dimensions, askDimensions: shortens && dimensions !== native });
};

/**
 * Chooses. EMBEDDING_BASE_URL stands for itself; EMBEDDING_API_KEY alone means OpenAI; else the chat model's server makes the
 * vectors where it is OpenAI or a model is named for it. Many other servers have no embeddings: there, and where nothing is
 * configured, the offline model makes them. A key is only ever sent to the server it was given for.
 */
export const chosenEmbedding = (vars: z.infer<typeof EmbeddingVariables>): Result<ChosenEmbedding> => {
  const { EMBEDDING_MODEL: model, EMBEDDING_DIMENSIONS: dimensions, EMBEDDING_API_KEY: ownKey } = vars;
  const chat = chosenServer(vars.OPENAI_BASE_URL ?? null, vars.OPENAI_API_KEY ?? null);
  const own = vars.EMBEDDING_BASE_URL ?? (ownKey === undefined ? null : chosenServer(null, ownKey));
  const server = own === null ? chat : own;
  const apiKey = own === null ? (vars.OPENAI_API_KEY ?? null) : (ownKey ?? null);

  const offline: ChosenEmbedding = {
    baseUrl: null,
    apiKey: null,
    model: OFFLINE_EMBEDDING_MODEL,
    dimensions: dimensions ?? OFFLINE_DIMENSIONS,
    askDimensions: true,
  };
  if (model === OFFLINE_EMBEDDING_MODEL) return ok(offline);
  if (server === null) {
    return model === undefined
      ? ok(offline)
      : refuse("not_configured", "EMBEDDING_MODEL: names a model, but no server for it (EMBEDDING_BASE_URL) is set");
  }
  if (model !== undefined) return chosen({ baseUrl: server, apiKey }, model, dimensions);
  if (isOpenAiHost(server)) return chosen({ baseUrl: server, apiKey }, OPENAI_MODEL, dimensions);
  return own === null
    ? ok(offline)
    : refuse("not_configured", "EMBEDDING_MODEL: is needed where EMBEDDING_BASE_URL is set");
};
