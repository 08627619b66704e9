// Where a new memory goes among those there are: a core block takes the place of the one with its key, and nothing is taken in
// beyond the bounds. What a tool read never becomes a core block: those are in every prompt, and would be obeyed for good.
import {
  type ContentOf,
  MEMORY_LIMITS,
  type MemoryContent,
  type MemoryTrust,
  type MemoryType,
} from "#schema/memory.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import { plainText } from "./words.ts";

/** One core block as it is kept. */
export interface Block {
  readonly id: string;
  readonly key: string;
  readonly value: string;
  readonly trust: MemoryTrust;
}

/** How a key is compared. */
export const sameKey = (one: string, other: string): boolean => keyForm(one) === keyForm(other);
const keyForm = (key: string): string => plainText(key).replaceAll(/[\s_-]+/g, "_");

/** How many there may be of a type. */
export const MOST: Readonly<Record<MemoryType, number>> = {
  core: MEMORY_LIMITS.coreBlocks,
  associative: MEMORY_LIMITS.associative,
  episodic: MEMORY_LIMITS.episodic,
  proactive: MEMORY_LIMITS.proactive,
};

/** Whose place a core block takes (null: a new one), or why there is no room for it. Locked blocks count as `hidden`. */
export const placeCore = (
  blocks: readonly Block[],
  hidden: number,
  block: ContentOf<"core">,
  trust: MemoryTrust,
): Result<{ readonly replaces: string | null }> => {
  const old = blocks.find(({ key }) => sameKey(key, block.key)) ?? null;
  if (trust === "tool") return refuse("policy_denied", "what a tool read does not become core memory");
  const others = blocks.filter((other) => other !== old);
  if (old === null && others.length + hidden >= MEMORY_LIMITS.coreBlocks)
    return refuse("quota_exceeded", `core memory holds ${MEMORY_LIMITS.coreBlocks} blocks`);
  const length = [...others, block].reduce((sum, { key, value }) => sum + key.length + value.length, 0);
  if (length > MEMORY_LIMITS.coreLength)
    return refuse("quota_exceeded", `core memory holds ${MEMORY_LIMITS.coreLength} characters in all`);
  return ok({ replaces: old?.id ?? null });
};

/** The text a memory is found by. */
export const textOf = (content: MemoryContent): string => {
  switch (content.type) {
    case "core":
      return `${content.key.replaceAll("_", " ")}: ${content.value}`;
    case "associative":
      return content.text.includes(content.entity_id) ? content.text : `${content.entity_id}: ${content.text}`;
    case "episodic":
      return `${content.summary} ${content.key_entities.join(", ")}`.trim();
    case "proactive":
      return content.description;
  }
};

/** A short name for lists and citations. */
export const labelOf = (content: MemoryContent): string => {
  switch (content.type) {
    case "core":
      return content.key;
    case "associative":
      return content.label;
    case "episodic":
      return "an earlier session";
    case "proactive":
      return content.pattern_type;
  }
};
