// An agent's context: what it can look up before it answers. Interactions are kept by themselves; documents are added.
import { z } from "zod";
import { idOf } from "../ids.ts";
import { Instant, PageQuery, pageOf, SearchMode } from "./common.ts";

const When = z.iso.datetime({ offset: true }).meta({ example: "2026-11-21T08:00:00.000Z" });

export const ContextType = z
  .enum(["interaction", "document"])
  .meta({ description: "interaction: something that happened in a turn; document: a piece of a document" });

const TAG = /^[\p{L}\p{N}][\p{L}\p{N} ._/-]*$/u;
/** A tag a person may give; those with a colon or a tilde are ours. */
const Tag = z
  .string()
  .max(64)
  .refine((tag) => TAG.test(tag), "letters, digits, spaces and . _ / -")
  .meta({ example: "manual" });

export const ContextStatsBody = z
  .object({
    agent_id: idOf("agent"),
    collection: z
      .string()
      .meta({ description: "The context's name", example: "userE6R7Y8V9_T5E6R7Y8_Architect_context" }),
    backend: z.enum(["embedded", "qdrant"]),
    items: z.int(),
    vectors: z.int(),
    interactions: z.int(),
    documents: z.int().meta({ description: "Pieces of documents" }),
    bytes: z
      .int()
      .nullable()
      .meta({ description: "What it takes where it is kept; null where the store does not say" }),
    pending: z
      .int()
      .meta({ description: "Items that wait for their vectors; until then they are found by their words" }),
    building: z.boolean().meta({ description: "The index is being built; searches are correct meanwhile" }),
    embedding: z.object({ model: z.string(), dimensions: z.int() }),
  })
  .meta({ id: "ContextStats", description: "How much an agent can look up" });
export type ContextStatsBody = z.infer<typeof ContextStatsBody>;

const InteractionSource = z.object({
  kind: z.literal("interaction"),
  run_id: z.string(),
  step_id: z.string(),
  room_id: z.string(),
  work: z.string().meta({ description: "direct, step, colleague or synthesis", example: "direct" }),
});

const DocumentSource = z.object({
  kind: z.literal("document"),
  document_id: z.string(),
  title: z.string(),
  media_type: z.string(),
  index: z.int().meta({ description: "Its place among the document's pieces, from 0" }),
  pieces: z.int(),
  from: z.int().meta({ description: "Where it begins in the document's text, in UTF-16 code units" }),
  to: z.int(),
  headings: z.array(z.string()).meta({ description: "The headings above it, outermost first" }),
  page: z.int().nullable().meta({ description: "Page of a PDF, from 1" }),
});

export const ContextItemBody = z
  .object({
    id: z.uuid(),
    type: ContextType,
    title: z.string(),
    text: z.string(),
    at: Instant,
    success: z.boolean().nullable().meta({ description: "Whether the work went well; null where that has no meaning" }),
    tags: z.array(z.string()),
    source: z.discriminatedUnion("kind", [InteractionSource, DocumentSource]),
  })
  .meta({ id: "ContextItem", description: "One thing an agent can look up" });
export type ContextItemBody = z.infer<typeof ContextItemBody>;
export const ContextItemPage = pageOf(ContextItemBody, "ContextItemPage");

const documentId = idOf("document").meta({ example: "doc_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" });

/** What narrows a search. */
export const ContextFilterBody = z.strictObject({
  type: ContextType.optional(),
  success: z.boolean().optional(),
  since: When.optional().meta({ description: "From this instant on" }),
  until: When.optional().meta({ description: "Before this instant" }),
  tags: z.array(z.string().min(1).max(256)).min(1).max(16).optional().meta({ description: "Items with any of these" }),
  document_id: documentId.optional(),
  run_id: idOf("run").optional(),
});
export type ContextFilterBody = z.infer<typeof ContextFilterBody>;

export const ContextSearchBody = z
  .strictObject({
    query: z.string().trim().min(1).max(4_000).meta({ example: "How is a release made?" }),
    top_k: z.int().min(1).max(100).default(10),
    filter: ContextFilterBody.default({}),
  })
  .meta({ id: "ContextSearchBody", description: "A question" });

export const ContextHitBody = ContextItemBody.extend({
  score: z.number().meta({ description: "0 to 1; comparable within one search only" }),
  similarity: z.number().nullable().meta({ description: "Cosine with the question; null: found by words alone" }),
  dense_rank: z.int().nullable().meta({ description: "Its place by meaning, from 1" }),
  lexical_rank: z.int().nullable().meta({ description: "Its place by words, from 1" }),
}).meta({ id: "ContextHit", description: "One find" });
export type ContextHitBody = z.infer<typeof ContextHitBody>;

export const ContextSearchResult = z
  .object({
    hits: z.array(ContextHitBody).meta({ description: "Best first" }),
    mode: SearchMode,
    collection: z.string().meta({ example: "userE6R7Y8V9_T5E6R7Y8_Architect_context" }),
    backend: z.enum(["embedded", "qdrant"]).meta({ example: "embedded" }),
  })
  .meta({ id: "ContextSearchResult", description: "What was found" });

export const DocumentMediaType = z.enum(["text/markdown", "text/plain", "text/html", "application/pdf"]);
export type DocumentMediaType = z.infer<typeof DocumentMediaType>;

/** Bytes a document may have. */
export const LARGEST_DOCUMENT = 8 * 1024 * 1024;

export const AddDocumentBody = z
  .strictObject({
    title: z.string().trim().min(1).max(300).meta({ example: "handbook.md" }),
    content: z.string().min(1).max(LARGEST_DOCUMENT).optional().meta({ description: "Its text" }),
    content_base64: z.string().min(1).optional().meta({ description: "Its bytes, in base64; a PDF is sent so" }),
    media_type: DocumentMediaType.optional().meta({
      description: "Default: by the title's ending, else text/markdown",
    }),
    tags: z.array(Tag).max(16).default([]),
    replace: z
      .boolean()
      .default(false)
      .meta({ description: "Put it in the place of a document with the same title and other words" }),
  })
  .refine(({ content, content_base64 }) => (content === undefined) !== (content_base64 === undefined), {
    path: ["content"],
    message: "either content or content_base64",
  })
  .meta({ id: "AddDocumentBody", description: "A document: text, Markdown, HTML or PDF" });
export type AddDocumentBody = z.infer<typeof AddDocumentBody>;

export const ContextDocument = z
  .object({
    document_id: documentId,
    title: z.string(),
    media_type: z.string(),
    pieces: z.int().meta({ description: "How many it was cut into" }),
    tags: z.array(z.string()),
    added_at: Instant,
  })
  .meta({ id: "ContextDocument", description: "A document an agent can look up" });
export type ContextDocument = z.infer<typeof ContextDocument>;
export const ContextDocumentPage = pageOf(ContextDocument, "ContextDocumentPage");

export const AddedDocumentBody = ContextDocument.extend({
  created: z.boolean().meta({ description: "false: it was there already" }),
  replaced: z.array(z.string()).meta({ description: "Documents whose place it took" }),
  pending: z
    .int()
    .meta({ description: "Pieces that wait for their vectors; until then they are found by their words" }),
  input_tokens: z.int(),
  cost_usd: z.number().nullable().meta({ description: "Null: the model's price is not known" }),
}).meta({ id: "AddedDocument", description: "A document that is there, in all its pieces" });
export type AddedDocumentBody = z.infer<typeof AddedDocumentBody>;

const yesOrNo = z.enum(["true", "false"]).transform((text) => text === "true");

export const ContextItemQuery = PageQuery.extend({
  type: ContextType.optional(),
  success: yesOrNo.optional(),
  since: When.optional(),
  until: When.optional(),
  tag: z.string().min(1).max(256).optional(),
  document_id: documentId.optional(),
  run_id: idOf("run").optional(),
});
export type ContextItemQuery = z.infer<typeof ContextItemQuery>;

const agent_id = z
  .string()
  .min(1)
  .max(120)
  .meta({ description: "The agent's id or its handle", example: "agt_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" });
export const ContextItemPath = z.object({ agent_id, item_id: z.uuid() });
export const ContextDocumentPath = z.object({ agent_id, document_id: documentId });

export const PruneContextBody = z
  .strictObject({
    older_than_days: z.number().min(0).max(36_500).optional(),
    before: When.optional(),
    type: ContextType.optional(),
    success: z.boolean().optional(),
    max_count: z
      .int()
      .min(0)
      .max(10_000_000)
      .optional()
      .meta({ description: "Of what fits the rest, keep the newest so many; a document is kept whole, or goes whole" }),
  })
  .refine((rule) => Object.values(rule).some((value) => value !== undefined), "at least one rule")
  .refine(({ older_than_days, before }) => older_than_days === undefined || before === undefined, {
    path: ["before"],
    message: "either older_than_days or before",
  })
  .meta({
    id: "PruneContextBody",
    description: "What to throw away: what fits every rule that is given",
    example: { type: "interaction", older_than_days: 90 },
  });

export const RemovedFromContext = z
  .object({
    removed: z.int().meta({ example: 12 }),
    also_removed: z.int().meta({ description: "Answers that rested on what was removed, and repeated it", example: 3 }),
  })
  .meta({ id: "RemovedFromContext", description: "What is gone" });

export const MoveContextBody = z
  .strictObject({
    to: z
      .enum(["embedded", "qdrant"])
      .meta({ description: "Where it goes; qdrant: in the placement that is configured" }),
    from_placement: z
      .enum(["dedicated", "shared"])
      .optional()
      .meta({ description: "Where it is in Qdrant; without it, the other one of the two stores" }),
    from_collection: z.string().max(255).optional().meta({
      description: "A collection another program kept for you, named with your own key; it is read and stays as it is",
      example: "userE6R7Y8V9_context",
    }),
    cursor: z.string().max(64).optional().meta({ description: "Of a collection: where the last answer ended" }),
  })
  .refine(({ from_placement, from_collection }) => from_placement === undefined || from_collection === undefined, {
    message: "from_placement and from_collection exclude each other",
  })
  .refine(({ cursor, from_collection }) => cursor === undefined || from_collection !== undefined, {
    message: "cursor belongs to from_collection",
  })
  .meta({ id: "MoveContextBody", description: "Where an agent's context goes, and from where" });
export type MoveContextBody = z.infer<typeof MoveContextBody>;

export const MovedContext = z
  .object({
    moved: z.int().meta({ description: "Items of this page", example: 100 }),
    pending: z.int().meta({ description: "Of these, items that wait for their vectors", example: 0 }),
    skipped: z.int().meta({ description: "Points of a collection that hold no words", example: 0 }),
    remaining: z
      .int()
      .nullable()
      .meta({ description: "Items still to move; null where that is not counted", example: 1_240 }),
    next_cursor: z.string().nullable().meta({ description: "Of a collection: for the next page" }),
    done: z.boolean().meta({ description: "False: ask again", example: false }),
  })
  .meta({ id: "MovedContext", description: "One page of a move" });
export type MovedContext = z.infer<typeof MovedContext>;
