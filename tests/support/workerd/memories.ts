// A user's memory for a test: the hands a space and its owner have over it, and a look at its raw rows.
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { mintId } from "#adapters/ids.ts";
import type { MemoryPayer, MemoryQuestion } from "#domain/memory/port.ts";
import { ownMemory, spaceMemory } from "#durable-objects/memory-hand.ts";
import { memoryOf } from "#durable-objects/stubs.ts";
import type { UserId } from "#schema/ids.ts";
import type { MemoryContent, NewMemory } from "#schema/memory.ts";

/** A memory of a new user. */
export const freshMemory = (userId: UserId = mintId("user")) => {
  const payer: MemoryPayer = { projectId: mintId("project"), monthlyLimitUsd: null };
  const object = memoryOf(env.MEMORIES, userId);
  return {
    userId,
    object,
    payer,
    of: (passphrase: string | null = null) => {
      const own = ownMemory(env.MEMORIES, userId, passphrase);
      return { ...own, remember: (memory: NewMemory) => own.remember(memory, payer) };
    },
    space: spaceMemory(env.MEMORIES),
    asks: (text: string, more: Partial<MemoryQuestion> = {}) =>
      spaceMemory(env.MEMORIES).recall({
        userId,
        text,
        vector: null,
        embedding: { model: "none", dimensions: 0 },
        passphrase: null,
        ...more,
      }),
    /** Every value of every row of every table. */
    raw: () =>
      runInDurableObject(object, (_, { storage }) => {
        const tables = storage.sql
          .exec<{ name: string }>(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'",
          )
          .toArray();
        const rows = tables.flatMap(({ name }) => storage.sql.exec(`SELECT * FROM "${name}"`).toArray());
        const values = rows.flatMap((row) => Object.values(row));
        const texts = values.map((value) =>
          value instanceof ArrayBuffer ? new TextDecoder().decode(value) : String(value),
        );
        return `${texts.join("\n")}\n${JSON.stringify([...storage.kv.list()])}`;
      }),
  };
};
export type FreshMemory = ReturnType<typeof freshMemory>;

export const core = (key: string, value: string): MemoryContent => ({ type: "core", key, value });

export const association = (entity: string, text: string): MemoryContent => ({
  type: "associative",
  entity_type: "thing",
  entity_id: entity,
  label: entity,
  text,
  metadata: {},
});

export const episode = (
  summary: string,
  projectId: ReturnType<typeof mintId<"project">> | null = null,
): MemoryContent => ({
  type: "episodic",
  session_id: null,
  project_id: projectId,
  summary,
  key_entities: [],
});

/** Something the user wrote. */
export const noted = (content: MemoryContent, more: Partial<NewMemory> = {}): NewMemory => ({
  content,
  trust: "user",
  provenance: { source: "user" },
  onceKey: null,
  ...more,
});
