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

/** What is looked for by hand. */
export interface AskedMemory {
  readonly text: string;
  /** Null: it is looked for by words alone. */
  readonly vector: Float32Array | null;
  /** What the vector was made with. */
  readonly model: string;
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

/** On whose account the vectors of memories are made: the project in which, or on whose behalf, they are written. */
export interface MemoryPayer {
  readonly projectId: ProjectId;
  /** What the project may spend in a month; null: no limit of its own. */
  readonly monthlyLimitUsd: number | null;
}

/** Who writes into memory, under which passphrase or none, and who pays. */
export interface MemoryWriter {
  readonly userId: UserId;
  readonly passphrase: string | null;
  readonly payer: MemoryPayer;
}

/** What a learner has to know before it asks a model. */
export interface LearningGround {
  readonly learning: boolean;
  /** Of the runs asked about, those from which something was deleted: they are not learned from again. */
  readonly forgotten: readonly string[];
  /** Everything of the types asked for that could be read. */
  readonly known: readonly Extract<KeptMemory, { locked: false }>[];
  readonly unseen: UnseenSessions;
}

/** Sessions, over all of a user's projects, in which nobody looked yet for what recurs. */
export interface UnseenSessions {
  readonly sessions: number;
  /** When the oldest of them was summed up, epoch ms; null: there is none. */
  readonly since: number | null;
  /** Up to where a look reaches that has seen them. */
  readonly upTo: number;
}

/** What a space needs of memory to keep what it learned. Never throws for what may happen. */
export interface MemoryKeeper {
  remember(writer: MemoryWriter, memories: readonly NewMemory[]): Promise<Result<readonly Remembered[]>>;
  ground(
    userId: UserId,
    runIds: readonly string[],
    types: readonly MemoryType[],
    passphrase: string | null,
  ): Promise<Result<LearningGround>>;
  /** Before anybody is asked what recurs up to here. Null: the project may look, for a while alone; else when to come again, epoch ms. */
  claimLook(userId: UserId, projectId: ProjectId, upTo: number): Promise<Result<number | null>>;
  /** What recurs was looked for, up to here. */
  lookedBack(userId: UserId, upTo: number): Promise<Result<null>>;
  /** Those of these memories that were deleted. */
  forgottenOf(userId: UserId, ids: readonly MemoryId[]): Promise<Result<readonly MemoryId[]>>;
  /** Deletes everything that came from a run, and has nothing learned from it again. */
  forgetRun(userId: UserId, runId: RunId): Promise<Result<{ forgotten: number }>>;
  /** Puts one summary in the place of several. */
  merge(writer: MemoryWriter, ids: readonly MemoryId[], memory: NewMemory): Promise<Result<Remembered>>;
}
