// The requests the offline model understands, as the OpenAI protocol has them. Fields it has no use for are let through:
// a client must be able to send what it would send to a real server.
import { z } from "zod";

const Part = z.looseObject({ type: z.string(), text: z.string().optional() });

const WireCall = z.looseObject({
  id: z.string(),
  function: z.looseObject({ name: z.string(), arguments: z.string() }),
});

const WireMessage = z.looseObject({
  role: z.enum(["system", "developer", "user", "assistant", "tool"]),
  content: z.union([z.string(), z.array(Part)]).nullish(),
  tool_calls: z.array(WireCall).optional(),
  tool_call_id: z.string().optional(),
});
/** One message of a request. */
export type WireMessage = z.infer<typeof WireMessage>;

const Schema = z.record(z.string(), z.unknown());
/** A JSON Schema as it came. */
export type JsonSchema = z.infer<typeof Schema>;

const ResponseFormat = z.union([
  z.object({ type: z.literal("text") }),
  z.object({ type: z.literal("json_object") }),
  z.object({
    type: z.literal("json_schema"),
    json_schema: z.looseObject({ name: z.string(), schema: Schema.optional() }),
  }),
]);

/** The body of `POST /chat/completions`. */
export const ChatBody = z.looseObject({
  model: z.string(),
  messages: z.array(WireMessage).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
  tools: z
    .array(z.looseObject({ type: z.string(), function: z.looseObject({ name: z.string() }).optional() }))
    .optional(),
  tool_choice: z.unknown().optional(),
  response_format: ResponseFormat.optional(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
});
export type ChatBody = z.infer<typeof ChatBody>;

/** The body of `POST /embeddings`. */
export const EmbeddingsBody = z.looseObject({
  model: z.string(),
  input: z.union([
    z.string(),
    z.array(z.string()).min(1),
    z.array(z.int()).min(1),
    z.array(z.array(z.int()).min(1)).min(1),
  ]),
  encoding_format: z.enum(["float", "base64"]).default("float"),
  dimensions: z.int().min(1).max(4096).default(384),
});
export type EmbeddingsBody = z.infer<typeof EmbeddingsBody>;
