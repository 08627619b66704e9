// Secrets that a request brings along, in headers. They live as long as the request's run, in memory only: no contract, event,
// row or answer has a place for them, and a refusal names the header, never what stood in it.
import { z } from "zod";

/** What a run says about them: that they were there, never what they were. */
export const BroughtKind = z.enum(["model_key", "memory_passphrase"]);
export type BroughtKind = z.infer<typeof BroughtKind>;

/** Secrets of one request. */
export interface BroughtSecrets {
  /** The caller's own key for a model server; asks with it and never with the installation's. */
  readonly modelApiKey: string | null;
  /** Whose key it is; null: that of the model which would be asked anyway. */
  readonly modelProvider: string | null;
  /** Opens the memories that were encrypted under it. */
  readonly memoryPassphrase: string | null;
}

export const NO_SECRETS: BroughtSecrets = { modelApiKey: null, modelProvider: null, memoryPassphrase: null };

/** The kinds of secrets there are; null when there is none. */
export const kindsBrought = ({ modelApiKey, memoryPassphrase }: BroughtSecrets): BroughtKind[] | null => {
  const kinds: BroughtKind[] = [];
  if (modelApiKey !== null) kinds.push("model_key");
  if (memoryPassphrase !== null) kinds.push("memory_passphrase");
  return kinds.length === 0 ? null : kinds;
};

/** What a key looks like: nothing that could break out of a header, and no more than any provider makes. */
const ApiKey = z.string().regex(/^[\x21-\x7e]{1,512}$/, "must be 1 to 512 visible ASCII characters");
// Headers are bytes: words of any language come percent-encoded, so that their two ends agree on what they are.
const Passphrase = z
  .string()
  .regex(/^[\x20-\x7e]{8,1024}$/, "must be 8 to 1024 printable ASCII characters; percent-encode others");

export const BroughtHeaders = z.object({
  "x-model-api-key": ApiKey.optional().meta({
    description: "Your own key for the model server. Used for this request's run alone, kept nowhere",
  }),
  "x-model-provider": z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,39}$/, "must name a provider")
    .optional()
    .meta({ description: "Whose key `X-Model-Api-Key` is; default: that of the agent's model" }),
  "x-memory-passphrase": Passphrase.optional().meta({
    description: "Opens and encrypts memory. Used for this request's run alone, kept nowhere",
  }),
});

/** The secrets in a request's headers. */
export const broughtIn = (headers: z.infer<typeof BroughtHeaders>): BroughtSecrets => ({
  modelApiKey: headers["x-model-api-key"] ?? null,
  modelProvider: headers["x-model-provider"] ?? null,
  memoryPassphrase: headers["x-memory-passphrase"] ?? null,
});
