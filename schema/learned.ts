// What a model answers when it is asked what to remember, how a session went, and what recurs. Read tolerantly: an entry that
// does not fit is left out, and is no reason to lose the others.
import { z } from "zod";

const tolerant = <T extends z.ZodType>(item: T) =>
  z
    .array(z.unknown())
    .max(100)
    .transform((items) => items.flatMap((one) => item.safeParse(one).data ?? []) as z.output<T>[]);

export const ProposedMemory = z.object({
  type: z.enum(["core", "associative"]),
  key: z.string().nullish(),
  entity_type: z.string().nullish(),
  entity: z.string().nullish(),
  value: z.string(),
  quote: z.string(),
  message: z.int(),
});
export type ProposedMemory = z.infer<typeof ProposedMemory>;
export const ProposedMemories = z.object({ memories: tolerant(ProposedMemory) });

export const SessionSummary = z.object({ summary: z.string(), key_entities: tolerant(z.string()) });

export const ProposedPatterns = z.object({
  patterns: tolerant(
    z.object({
      known: z.int().nullish(),
      pattern_type: z.string(),
      description: z.string(),
      confidence: z.number(),
      episodes: tolerant(z.int()),
    }),
  ),
  merges: tolerant(z.object({ episodes: tolerant(z.int()), summary: z.string(), key_entities: tolerant(z.string()) })),
});
export type ProposedPatterns = z.infer<typeof ProposedPatterns>;
