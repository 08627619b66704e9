// The port through which a turn reaches what is known about its user. The store is one object per user; it owns its rows, and
// deletes them for good. No behaviour here.
import type { UserId } from "#schema/ids.ts";
import type { Result } from "#schema/result.ts";

export type MemoryType = "core" | "associative" | "episodic" | "proactive";

/** How far a memory can be relied on: said by the user, concluded by a model from the user's words, or read somewhere by a tool. */
export type MemoryTrust = "user" | "model" | "tool";

/** What a turn asks for. */
export interface MemoryQuestion {
  readonly userId: UserId;
  readonly text: string;
  readonly vector: Float32Array | null;
  /** What the vector was made with. */
  readonly embedding: { readonly model: string; readonly dimensions: number };
  /** Opens what was kept under it; null: such memories stay shut. */
  readonly passphrase: string | null;
}

/** One memory beside the core, as it was found. */
export interface RecalledItem {
  readonly id: string;
  readonly type: Exclude<MemoryType, "core">;
  /** A short name for lists and citations. */
  readonly label: string;
  readonly text: string;
  readonly trust: MemoryTrust;
  readonly score: number;
  /** Epoch ms. */
  readonly at: number;
}

/** What is known, as far as it bears on the question. */
export interface RecalledMemory {
  /** Always shown, in the order of their keys. */
  readonly core: readonly {
    readonly id: string;
    readonly key: string;
    readonly value: string;
    readonly trust: MemoryTrust;
  }[];
  readonly items: readonly RecalledItem[];
  /** Memories that are there and could not be opened. */
  readonly locked: number;
}

/** What a turn needs of memory. Never throws for what may happen. */
export interface MemoryRecall {
  recall(question: MemoryQuestion): Promise<Result<RecalledMemory>>;
}
