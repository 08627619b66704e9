// Facts about what an agent looked up before it answered, and about models that were asked beside a turn. Streams: the run, the
// space. What was found is named, never repeated: its words stay where they can be deleted.
import { z } from "zod";
import { idOf } from "../ids.ts";
import { Claimed } from "./claimed.ts";
import { event } from "./envelope.ts";

/** One thing that was shown to the model, under the number its answer cites it by. */
export const RetrievedItem = z.object({
  n: z.int(),
  id: z.string(),
  kind: z.enum(["interaction", "document", "memory"]),
  score: z.number(),
  /** Of a document: its title. Else the kind of memory, or of work. */
  title: z.string(),
  document_id: z.string().optional(),
  from: z.int().optional(),
  to: z.int().optional(),
  page: z.int().optional(),
  at: z.string(),
  /** It repeats what a tool or a document brought, although it is no document itself. */
  from_tools: z.literal(true).optional(),
});
export type RetrievedItem = z.infer<typeof RetrievedItem>;

export const contextEvents = [
  event(
    "context.retrieved",
    z.object({
      run_id: idOf("run"),
      step_id: idOf("step"),
      agent_id: idOf("agent"),
      collection: z.string(),
      backend: z.enum(["embedded", "qdrant"]),
      items: z.array(RetrievedItem),
      /** Core memories shown, by id. */
      core: z.array(z.string()),
      /** Under which numbers, in the same order. They are those the run's first turn gave them. */
      core_numbers: z.array(z.int()).optional(),
      /** Memories that were there and could not be opened. */
      locked: z.int(),
      duration_ms: z.int(),
    }),
  ),
  /** Something was kept of these runs in the user's memory, or nothing was worth it. Named, never repeated. */
  event(
    "memory.learned",
    z.object({
      purpose: z.enum(["learning", "summary", "patterns"]),
      run_ids: z.array(idOf("run")),
      memory_ids: z.array(idOf("memory")),
      kinds: z.array(z.string()),
    }),
  ),
  /** A model was asked for something that is no turn's answer; `abandoned`: it was to be one, and nobody waited for it any more;
   * `planning`: a request was only planned. A call that failed is told where it counts all the same. */
  event(
    "model.used",
    z.object({
      purpose: z.enum(["embedding", "learning", "summary", "patterns", "planning", "abandoned"]),
      agent_id: idOf("agent").nullable(),
      model: z.string(),
      /** Whose the model is; absent of embedding models, which are known by one name. */
      provider: z.string().optional(),
      input_tokens: z.int(),
      output_tokens: z.int(),
      cost_usd: z.number().nullable(),
      duration_ms: z.int(),
      claimed: Claimed.optional(),
    }),
  ),
] as const;
