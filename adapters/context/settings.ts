// Where contexts are kept, parsed once for the doors and for the spaces. A value that does not fit is refused by its name, never
// by its content: it may be a key.
import { z } from "zod";
import { ok, type Result, refuse } from "#schema/result.ts";

/** How agents' contexts lie in Qdrant: a collection each, or all in one. */
export type QdrantPlacement = "dedicated" | "shared";

/** Where Qdrant is, and how contexts lie in it. */
export interface QdrantSettings {
  readonly url: string;
  readonly apiKey: string | null;
  readonly placement: QdrantPlacement;
  /** False: it is only there for contexts to be moved from it or to it. */
  readonly active: boolean;
}

const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === "" ? undefined : value), schema.optional());

const Variables = z.object({
  QDRANT_URL: optional(z.url({ protocol: /^https?$/, error: "must be an http address" })),
  QDRANT_API_KEY: optional(z.string()),
  QDRANT_PLACEMENT: optional(z.enum(["dedicated", "shared"], { error: "must be dedicated or shared" })),
  CONTEXT_STORE: optional(z.enum(["qdrant", "embedded"], { error: "must be qdrant or embedded" })),
});

/** Parses the environment; null: contexts are kept by our own objects. */
export const readQdrantSettings = (env: Readonly<Record<string, unknown>>): Result<QdrantSettings | null> => {
  const parsed = Variables.safeParse(env);
  if (!parsed.success)
    return refuse(
      "not_configured",
      parsed.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`).join("; "),
    );
  const { QDRANT_URL: url, QDRANT_API_KEY: apiKey, QDRANT_PLACEMENT: placement } = parsed.data;
  const { CONTEXT_STORE: store } = parsed.data;
  if (url === undefined)
    return apiKey === undefined && placement === undefined && store !== "qdrant"
      ? ok(null)
      : refuse("not_configured", "QDRANT_URL is needed where Qdrant is configured");
  return ok({ url, apiKey: apiKey ?? null, placement: placement ?? "dedicated", active: store !== "embedded" });
};
