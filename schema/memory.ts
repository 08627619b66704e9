// What is known about a user, in its four kinds, as it is kept and as it travels. The bounds stand here and nowhere else.
import { z } from "zod";
import { type AgentId, idOf, type MemoryId, type ProjectId, type RoomId, type RunId, type ToolCallId } from "./ids.ts";

export const MemoryType = z.enum(["core", "associative", "episodic", "proactive"]);
export type MemoryType = z.infer<typeof MemoryType>;

export const MemoryTrust = z.enum(["user", "model", "tool"]);
export type MemoryTrust = z.infer<typeof MemoryTrust>;

/** How much may be kept. */
export const MEMORY_LIMITS = {
  keyLength: 64,
  valueLength: 2_000,
  coreBlocks: 50,
  /** Characters of all core blocks together: they are in every prompt. */
  coreLength: 8_000,
  textLength: 4_000,
  associative: 5_000,
  episodic: 1_000,
  proactive: 200,
  /** Associations under a passphrase: these are compared in memory. */
  sealedAssociative: 1_000,
  quoteLength: 500,
  /** Runs one memory remembers to have come from. */
  runs: 16,
} as const;

// Half a surrogate pair has no canonical JSON, so no hash and no place in the log.
const text = (longest: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .refine((value) => value.isWellFormed(), "must be well-formed text");

export const CoreContent = z.object({
  key: text(MEMORY_LIMITS.keyLength).meta({ description: "Names the block; one block for each key", example: "name" }),
  value: text(MEMORY_LIMITS.valueLength).meta({ example: "Ada" }),
});

const Metadata = z
  .record(z.string().max(80), z.union([z.string().max(500), z.number(), z.boolean(), z.null()]))
  .refine((fields) => Object.keys(fields).length <= 20, "at most 20 fields");

export const AssociativeContent = z.object({
  entity_type: text(60).meta({ description: "person, place, project, thing …", example: "pet" }),
  entity_id: text(200).meta({ description: "What it is about", example: "Rex" }),
  label: text(200).meta({ description: "A short name for lists", example: "Rex (pet)" }),
  text: text(MEMORY_LIMITS.textLength).meta({ example: "Rex is Ada's dog." }),
  metadata: Metadata,
});

export const EpisodicContent = z.object({
  session_id: idOf("room").nullable().meta({ description: "The session it sums up; null: several, merged" }),
  project_id: idOf("project").nullable(),
  summary: text(MEMORY_LIMITS.textLength),
  key_entities: z.array(text(120)).max(30),
});

export const ProactiveContent = z.object({
  pattern_type: text(60).meta({ example: "routine" }),
  description: text(1_000).meta({ example: "Reviews pull requests on Monday mornings." }),
  confidence: z.number().min(0).max(1),
  last_detected_at: z.string(),
});

/** Where a memory comes from. */
export const MemoryProvenance = z.object({
  source: z.enum(["user", "agent", "learned", "import"]),
  project_id: idOf("project").optional(),
  room_id: idOf("room").optional(),
  run_id: idOf("run").optional(),
  agent_id: idOf("agent").optional(),
  tool_call_id: idOf("toolCall").optional(),
  quote: z.string().max(MEMORY_LIMITS.quoteLength).optional().meta({ description: "The words it rests on" }),
});
export interface MemoryProvenance {
  readonly source: "user" | "agent" | "learned" | "import";
  readonly project_id?: ProjectId | undefined;
  readonly room_id?: RoomId | undefined;
  readonly run_id?: RunId | undefined;
  readonly agent_id?: AgentId | undefined;
  readonly tool_call_id?: ToolCallId | undefined;
  readonly quote?: string | undefined;
}

/** A memory's content, by its type. */
export const MemoryContent = z.discriminatedUnion("type", [
  CoreContent.extend({ type: z.literal("core") }),
  AssociativeContent.extend({ type: z.literal("associative") }),
  EpisodicContent.extend({ type: z.literal("episodic") }),
  ProactiveContent.extend({ type: z.literal("proactive") }),
]);
export type MemoryContent = z.infer<typeof MemoryContent>;
export type ContentOf<T extends MemoryType> = Extract<MemoryContent, { type: T }>;

/** Something to be remembered. */
export interface NewMemory {
  readonly content: MemoryContent;
  readonly trust: MemoryTrust;
  readonly provenance: MemoryProvenance;
  /** Runs it rests on besides the one of its provenance. */
  readonly runIds?: readonly RunId[] | undefined;
  /** The same key again writes the same memory: a repeat after a crash is harmless. Null: a memory of its own. */
  readonly onceKey: string | null;
}

/** What every memory carries beside its content. */
export interface MemoryFrame {
  readonly id: MemoryId;
  readonly trust: MemoryTrust;
  readonly provenance: MemoryProvenance;
  /** Kept under a passphrase. */
  readonly sealed: boolean;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly lastUsedAt: number | null;
}

/** A memory that could be read, or one that is there and is shut. */
export type KeptMemory =
  | { readonly locked: false; readonly frame: MemoryFrame; readonly content: MemoryContent }
  | { readonly locked: true; readonly id: MemoryId; readonly type: MemoryType; readonly createdAt: number };
