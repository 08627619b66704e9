// The port to agents' contexts: everything an agent can search before it answers. Two implementations (Qdrant, and one embedded
// object per agent) pass one contract suite. No behaviour here.
import type { AgentId, ProjectId, UserId } from "#schema/ids.ts";
import type { Result } from "#schema/result.ts";

/** Whose context. Made only from an owner that was proven: a scope's own project, or a space's own owner. */
export interface ContextRef {
  readonly userId: UserId;
  readonly projectId: ProjectId;
  readonly agentId: AgentId;
  /** The logical name, as people see it (`user{userKey}_{projectKey}_{name}_context`). */
  readonly collection: string;
  /** What its vectors are made with. Vectors of another model are not compared; their items wait to be embedded again. */
  readonly embedding: { readonly model: string; readonly dimensions: number };
}

/** What an item is: something that happened in a turn, or a piece of a document. */
export type ContextKind = "interaction" | "document";

/** Where an item comes from. Offsets are UTF-16 code units in the document's text. */
export type ContextSource =
  | {
      readonly kind: "interaction";
      readonly run_id: string;
      readonly step_id: string;
      readonly room_id: string;
      /** What kind of work it was: direct, step, colleague, synthesis. */
      readonly work: string;
    }
  | {
      readonly kind: "document";
      readonly document_id: string;
      readonly title: string;
      readonly media_type: string;
      /** Its place among the document's pieces, from 0, and how many there are. */
      readonly index: number;
      readonly pieces: number;
      readonly from: number;
      readonly to: number;
      /** The headings above it, outermost first. */
      readonly headings: readonly string[];
      /** Page of a PDF, from 1. */
      readonly page: number | null;
    };

/** One item. `id` is a UUID made from what it is, so that storing it twice stores it once. */
export interface ContextItem {
  readonly id: string;
  readonly text: string;
  readonly title: string;
  /** When it happened, or was added; epoch ms. */
  readonly at: number;
  /** Whether the work went well; null where that has no meaning. */
  readonly success: boolean | null;
  readonly tags: readonly string[];
  readonly source: ContextSource;
}

/** An item on its way in. Without a vector it is found by its words, and waits to be embedded. */
export interface NewContextItem extends ContextItem {
  readonly vector: Float32Array | null;
}

/** Narrows a search, a listing or a deletion; what is absent does not narrow. Instants in epoch ms. */
export interface ContextFilter {
  readonly kind?: ContextKind | undefined;
  readonly success?: boolean | undefined;
  /** From this instant on. */
  readonly since?: number | undefined;
  /** Before this instant. */
  readonly until?: number | undefined;
  /** Items that carry any of these; an empty list fits none. */
  readonly tags?: readonly string[] | undefined;
  readonly document_id?: string | undefined;
  readonly run_id?: string | undefined;
}

/** A hybrid search: dense by the vector, lexical by the text, fused by reciprocal rank. */
export interface ContextQuery {
  readonly text: string;
  /** Null: by words alone. */
  readonly vector: Float32Array | null;
  readonly topK: number;
  readonly filter: ContextFilter;
  /** Runs whose turns whoever asks has before its eyes: they take no place among those found. */
  readonly seen?: readonly string[];
}

/** What was found, best first. `score` is the fused one, 0..1; `similarity` the cosine; ranks count from 1. */
export interface ContextHit {
  readonly item: ContextItem;
  readonly score: number;
  readonly dense: { readonly rank: number; readonly similarity: number } | null;
  readonly lexical: { readonly rank: number } | null;
}

/** How much there is. */
export interface ContextStats {
  readonly backend: "embedded" | "qdrant";
  readonly collection: string;
  readonly items: number;
  readonly vectors: number;
  /** Items of either kind: together they are `items`. */
  readonly interactions: number;
  readonly documents: number;
  /** Bytes it takes where it is kept; null where the store does not say. */
  readonly bytes: number | null;
  /** Items whose vector is still to be made. */
  readonly pending: number;
  /** The index is being built or rebuilt; searches are correct meanwhile. */
  readonly building: boolean;
  readonly embedding: { readonly model: string; readonly dimensions: number };
}

/** A page of items in the order of their ids. */
export interface ContextPage {
  readonly items: readonly ContextItem[];
  /** Null: there is no more. */
  readonly next: string | null;
}

/** The hands over contexts. None of them throws for what may happen; a store that cannot be reached is `context_unavailable`. */
export interface ContextStore {
  readonly backend: "embedded" | "qdrant";
  /** Stores items; the same id again replaces. */
  put(ref: ContextRef, items: readonly NewContextItem[]): Promise<Result<{ stored: number }>>;
  search(ref: ContextRef, query: ContextQuery): Promise<Result<readonly ContextHit[]>>;
  /** Those of these ids that are there, in this order. */
  get(ref: ContextRef, ids: readonly string[]): Promise<Result<readonly ContextItem[]>>;
  list(ref: ContextRef, filter: ContextFilter, after: string | null, limit: number): Promise<Result<ContextPage>>;
  remove(
    ref: ContextRef,
    which: { readonly ids: readonly string[] } | { readonly filter: ContextFilter },
  ): Promise<Result<{ removed: number }>>;
  /** Everything goes, and what held it. */
  clear(ref: ContextRef): Promise<Result<{ removed: number }>>;
  stats(ref: ContextRef): Promise<Result<ContextStats>>;
  /** Items that wait for a vector of the ref's embedding model. */
  unembedded(ref: ContextRef, limit: number): Promise<Result<readonly ContextItem[]>>;
  /** Gives items their vectors; ids that are not there are passed over. */
  setVectors(
    ref: ContextRef,
    vectors: readonly { readonly id: string; readonly vector: Float32Array }[],
  ): Promise<Result<{ stored: number }>>;
}
