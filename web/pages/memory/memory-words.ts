// A memory in words: a short title, what it says, and where it comes from.
import { harmless, harmlessLine } from "#client/terminal/harmless.ts";
import type { Memory } from "#schema/api/memory.ts";

const SOURCE = {
  user: "you wrote it",
  agent: "an agent wrote it down",
  learned: "learned from a conversation",
  import: "brought from elsewhere",
} as const;

const TRUST = { user: "your own words", model: "concluded from your words", tool: "read somewhere by a tool" } as const;

/** A short title. */
export const titleOf = (memory: Memory): string => {
  if (memory.locked) return "a locked memory";
  switch (memory.type) {
    case "core":
      return harmlessLine(memory.key);
    case "associative":
      return harmlessLine(memory.label);
    case "episodic":
      return "A session";
    case "proactive":
      return harmlessLine(memory.pattern_type);
  }
};

/** What it says; null while it is locked. */
export const wordsOf = (memory: Memory): string | null => {
  if (memory.locked) return null;
  switch (memory.type) {
    case "core":
      return harmless(memory.value);
    case "associative":
      return harmless(memory.text);
    case "episodic":
      return harmless(memory.summary);
    case "proactive":
      return `${harmless(memory.description)} (${Math.round(memory.confidence * 100)} % sure)`;
  }
};

/** Whom or what it is about; null where nothing says so. */
export const aboutOf = (memory: Memory): string | null => {
  if (memory.locked) return null;
  if (memory.type === "associative") return `${harmlessLine(memory.entity_type)}: ${harmlessLine(memory.entity_id)}`;
  return memory.type === "episodic" && memory.key_entities.length > 0
    ? memory.key_entities.map(harmlessLine).join(", ")
    : null;
};

/** Where it comes from, and how far it is to be trusted; null while it is locked. */
export const originOf = (memory: Memory): string | null =>
  memory.locked ? null : `${SOURCE[memory.provenance.source]}; ${TRUST[memory.trust]}`;
