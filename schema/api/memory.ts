// A user's memory as its owner sees it (document 3, steps 18-22 and 28): four lists, what may be written by hand, and deleting.
import { z } from "zod";
import { idOf } from "../ids.ts";
import {
  AssociativeContent,
  CoreContent,
  EpisodicContent,
  MemoryProvenance,
  MemoryTrust,
  MemoryType,
  ProactiveContent,
} from "../memory.ts";
import { BroughtHeaders } from "./brought.ts";
import { Instant, PageQuery, SearchMode } from "./common.ts";

const id = idOf("memory").meta({ example: "mem_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" });

const Frame = z.object({
  id,
  user_id: idOf("user"),
  locked: z.literal(false),
  trust: MemoryTrust.meta({
    description:
      "`user`: written by the user; `model`: concluded from the user's words; `tool`: read somewhere by a tool",
  }),
  sealed: z.boolean().meta({ description: "Kept under a passphrase" }),
  provenance: MemoryProvenance.meta({ description: "Where it comes from" }),
  created_at: Instant,
  updated_at: Instant,
  last_used_at: Instant.nullable().meta({ description: "When an agent was last shown it, to the hour" }),
});

const typed = <T extends MemoryType>(type: T) => ({ type: z.literal(type) });

export const LockedMemory = z
  .object({ id, type: MemoryType, locked: z.literal(true), created_at: Instant })
  .meta({ id: "LockedMemory", description: "A memory kept under a passphrase that did not come along" });
export const CoreMemory = Frame.extend({ ...typed("core"), ...CoreContent.shape }).meta({
  id: "CoreMemory",
  description: "A block that is in every prompt",
});
export const AssociativeMemory = Frame.extend({ ...typed("associative"), ...AssociativeContent.shape }).meta({
  id: "AssociativeMemory",
  description: "What is known about something; recalled where it bears on a question",
});
export const EpisodicMemory = Frame.extend({ ...typed("episodic"), ...EpisodicContent.shape }).meta({
  id: "EpisodicMemory",
  description: "What happened in a session that ended",
});
export const ProactiveMemory = Frame.extend({ ...typed("proactive"), ...ProactiveContent.shape }).meta({
  id: "ProactiveMemory",
  description: "A pattern over sessions, with how sure it is",
});

export const Memory = z
  .union([CoreMemory, AssociativeMemory, EpisodicMemory, ProactiveMemory, LockedMemory])
  .meta({ id: "Memory", description: "Something that is known about the user" });
export type Memory = z.infer<typeof Memory>;

const locked = z.int().meta({ description: "Memories that are there and could not be opened", example: 0 });
const pageOfMemories = <T extends z.ZodType>(item: T, name: string) =>
  z
    .object({ items: z.array(z.union([item, LockedMemory])), next_cursor: z.string().nullable(), locked })
    .meta({ id: name, description: "A page of memories, newest first" });
export const CorePage = pageOfMemories(CoreMemory, "CoreMemoryPage");
export const AssociativePage = pageOfMemories(AssociativeMemory, "AssociativeMemoryPage");
export const EpisodicPage = pageOfMemories(EpisodicMemory, "EpisodicMemoryPage");
export const ProactivePage = pageOfMemories(ProactiveMemory, "ProactiveMemoryPage");

export const MemoryHeaders = z.object({ "x-memory-passphrase": BroughtHeaders.shape["x-memory-passphrase"] });

export const MemoryListQuery = PageQuery;

export const MemorySearchQuery = z.object({
  q: z.string().trim().min(1).max(500).meta({ description: "What to look for", example: "dog" }),
  limit: z.coerce.number().int().min(1).max(50).default(10),
});

export const FoundMemories = z
  .object({
    items: z.array(z.object({ score: z.number(), memory: Memory })),
    mode: SearchMode,
    locked,
  })
  .meta({ id: "FoundMemories", description: "Memories that are like the words, the likest first" });

export const WriteCoreBody = CoreContent.strict().meta({
  id: "WriteCoreBody",
  description: "A block to be kept under its key",
});

export const WriteAssociativeBody = AssociativeContent.pick({ entity_type: true, entity_id: true, text: true })
  .extend({
    label: AssociativeContent.shape.label.optional().meta({ description: "Default: what it is about" }),
    metadata: AssociativeContent.shape.metadata.default({}),
  })
  .strict()
  .meta({ id: "WriteAssociativeBody", description: "Something to be known about something" });
export type WriteAssociativeBody = z.infer<typeof WriteAssociativeBody>;

/** No content: under a passphrase it must not lie in an answer that is kept for repeats. */
export const WrittenMemory = z
  .object({ id, type: MemoryType, sealed: z.boolean(), changed: z.boolean() })
  .meta({ id: "WrittenMemory", description: "It is kept. `changed` false: it was, already" });

export const MemoryPath = z.object({ type: MemoryType.meta({ example: "core" }), memory_id: id });

export const ForgottenMemory = z
  .object({
    ok: z.literal(true),
    also_deleted: z
      .array(z.object({ id, type: MemoryType }))
      .meta({ description: "What was derived from the same words, and went with it" }),
    forgotten_runs: z
      .array(idOf("run"))
      .meta({ description: "Runs it came from: what agents keep of them in their contexts goes too" }),
  })
  .meta({ id: "ForgottenMemory", description: "It is gone, and what was derived from the same words" });

export const ResealBody = z
  .strictObject({
    new_passphrase: z
      .string()
      .min(8)
      .max(1024)
      .nullable()
      .meta({ description: "Everything is put under this one; null: under none", example: "correct horse battery" }),
  })
  .meta({ id: "ResealBody", description: "The passphrase from now on. The present one is in X-Memory-Passphrase" });

export const Resealed = z
  .object({ resealed: z.int().meta({ example: 42 }) })
  .meta({ id: "Resealed", description: "How many memories were put under the new passphrase, or opened" });

export const MemorySettingsBody = z
  .object({
    learning: z
      .enum(["on", "off"])
      .meta({ description: "Whether anything is learned from conversations", example: "on" }),
  })
  .meta({ id: "MemorySettings", description: "How memory behaves" });
export const PutMemorySettingsBody = MemorySettingsBody.strict().meta({
  id: "PutMemorySettingsBody",
  description: "How memory is to behave",
});
