// A memory as its owner is shown it.
import type { Memory } from "#schema/api/memory.ts";
import type { UserId } from "#schema/ids.ts";
import type { KeptMemory } from "#schema/memory.ts";

const at = (ms: number): string => new Date(ms).toISOString();

/** One memory; a shut one says only that it is there. */
export const viewMemory = (userId: UserId, memory: KeptMemory): Memory => {
  if (memory.locked) return { id: memory.id, type: memory.type, locked: true, created_at: at(memory.createdAt) };
  const { frame, content } = memory;
  return {
    ...content,
    id: frame.id,
    user_id: userId,
    locked: false,
    trust: frame.trust,
    sealed: frame.sealed,
    provenance: frame.provenance,
    created_at: at(frame.createdAt),
    updated_at: at(frame.updatedAt),
    last_used_at: frame.lastUsedAt === null ? null : at(frame.lastUsedAt),
  };
};
