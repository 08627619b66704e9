// Builders for tests of contexts: owners, items and vectors whose nearness is known.
import { mintId } from "#adapters/ids.ts";
import type { ContextItem, ContextRef, NewContextItem } from "#domain/context/port.ts";
import { agentContextName, keyOf, type ProjectId, type UserId } from "#schema/ids.ts";

/** Of the vectors here. */
export const DIMENSIONS = 64;

/** An agent's context; what is not given is new. */
export const refOf = (given: Partial<ContextRef> & { readonly name?: string } = {}): ContextRef => {
  const userId: UserId = given.userId ?? mintId("user");
  const projectId: ProjectId = given.projectId ?? mintId("project");
  const { name = "Archivist", ...rest } = given;
  return {
    userId,
    projectId,
    agentId: mintId("agent", keyOf(projectId)),
    collection: agentContextName(keyOf(userId), keyOf(projectId), name),
    embedding: { model: "test-embedding", dimensions: DIMENSIONS },
    ...rest,
  };
};

/** A direction of length one; the same seed gives the same, different seeds lie about at right angles. */
export const direction = (seed: number, dimensions: number = DIMENSIONS): Float32Array => {
  let state = (seed * 2_654_435_761 + 97) >>> 0;
  const vector = Float32Array.from({ length: dimensions }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const mixed = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
    return ((mixed ^ (mixed >>> 13)) >>> 0) / 2 ** 31 - 1;
  });
  return scaled(vector);
};

const scaled = (vector: Float32Array): Float32Array => {
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
};

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);

/** A direction whose cosine with another is `cosine`. */
export const near = (vector: Float32Array, cosine: number, seed: number): Float32Array => {
  const other = direction(seed, vector.length);
  const along = dot(other, vector);
  const across = scaled(other.map((value, at) => value - along * (vector[at] ?? 0)));
  const side = Math.sqrt(1 - cosine * cosine);
  return across.map((value, at) => cosine * (vector[at] ?? 0) + side * value);
};

/** What an item of an interaction may be given. */
export type InteractionParts = Partial<Omit<NewContextItem, "source">> & { readonly run_id?: string };

/** Something that happened in a turn. */
export const interaction = ({ run_id, ...parts }: InteractionParts = {}): NewContextItem => ({
  id: crypto.randomUUID(),
  text: "The user asked and the agent answered",
  title: "direct",
  at: 1_790_000_000_000,
  success: true,
  tags: [],
  vector: null,
  ...parts,
  source: {
    kind: "interaction",
    run_id: run_id ?? mintId("run"),
    step_id: mintId("step"),
    room_id: mintId("room"),
    work: "direct",
  },
});

/** What a piece of a document may be given. */
export type PieceParts = Partial<Omit<NewContextItem, "source">> & { readonly document_id?: string; index?: number };

/** A piece of a document. */
export const piece = ({ document_id, index = 0, ...parts }: PieceParts = {}): NewContextItem => ({
  id: crypto.randomUUID(),
  text: "A paragraph of a handbook",
  title: "Handbook",
  at: 1_790_000_000_000,
  success: null,
  tags: [],
  vector: null,
  ...parts,
  source: {
    kind: "document",
    document_id: document_id ?? mintId("document"),
    title: "Handbook",
    media_type: "text/markdown",
    index,
    pieces: 3,
    from: index * 100,
    to: index * 100 + 120,
    headings: ["Part one", "Über Ücretler"],
    page: index === 0 ? null : index,
  },
});

/** An item as it is kept, without its vector. */
export const withoutVector = ({ vector: _, ...item }: NewContextItem): ContextItem => item;
