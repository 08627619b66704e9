// The port through which a turn reaches what is known about its user. The store is one object per user; it owns its rows, and
// deletes them for good. No behaviour here.
import type { MemoryId, ProjectId, RunId, UserId } from "#schema/ids.ts";
import type { KeptMemory, MemoryTrust, MemoryType, NewMemory } from "#schema/memory.ts";
import type { Refusal, Result } from "#schema/result.ts";

export type { MemoryTrust, MemoryType } from "#schema/memory.ts";

/** What a turn asks for. */
export interface MemoryQuestion {
  readonly userId: UserId;
  readonly text: string;
  /** Where it is asked; sessions of this project are recalled first. */
  readonly projectId?: ProjectId | undefined;
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

/** What became of one thing that was to be remembered: its id, or why it is not kept. */
export type Remembered =
  | { readonly kept: true; readonly id: MemoryId; readonly type: MemoryType; readonly changed: boolean }
  | { readonly kept: false; readonly refusal: Refusal };

/** What a learner has to know before it asks a model. */
export interface LearningGround {
  readonly learning: boolean;
  /** Of the runs asked about, those from which something was deleted: they are not learned from again. */
  readonly forgotten: readonly string[];
  /** Everything of the types asked for that could be read. */
  readonly known: readonly Extract<KeptMemory, { locked: false }>[];
}

/** What a space needs of memory to keep what it learned. Never throws for what may happen. */
export interface MemoryKeeper {
  remember(
    userId: UserId,
    memories: readonly NewMemory[],
    passphrase: string | null,
  ): Promise<Result<readonly Remembered[]>>;
  ground(
    userId: UserId,
    runIds: readonly string[],
    types: readonly MemoryType[],
    passphrase: string | null,
  ): Promise<Result<LearningGround>>;
  /** Those of these memories that were deleted. */
  forgottenOf(userId: UserId, ids: readonly MemoryId[]): Promise<Result<readonly MemoryId[]>>;
  /** Deletes everything that came from a run, and has nothing learned from it again. */
  forgetRun(userId: UserId, runId: RunId): Promise<Result<{ forgotten: number }>>;
  /** Puts one summary in the place of several. */
  merge(
    userId: UserId,
    ids: readonly MemoryId[],
    memory: NewMemory,
    passphrase: string | null,
  ): Promise<Result<Remembered>>;
}
