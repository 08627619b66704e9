// What agents of a stage find when they look something up: items in their contexts, stores that fail or never answer.
import { embed } from "#adapters/models/offline/embeddings.ts";
import type { ContextItem, ContextStore } from "#domain/context/port.ts";
import type { RecalledMemory } from "#domain/memory/port.ts";
import { contextRef } from "#durable-objects/worker-space/contexts.ts";
import { OFFLINE_EMBEDDING } from "./space.ts";
import { must, type Stage } from "./stage.ts";

/** Never answers. */
export const never = (): Promise<never> => new Promise(() => {});

/** The context of one of the stage's agents. */
export const refOf = (stage: Stage, name: string) => {
  const agent = stage.agents.find((one) => one.name === name) ?? stage.agents[0];
  const { model, dimensions } = OFFLINE_EMBEDDING;
  return contextRef(stage.space.organs.core, agent, { model, dimensions });
};

/** Earlier work in an agent's context. */
export const keepIn = async (
  stage: Stage,
  name: string,
  id: string,
  text: string,
  source: Partial<ContextItem["source"] & { kind: "interaction" }> = {},
): Promise<void> => {
  const place = { run_id: `run_${id}`, step_id: `step_${id}`, room_id: "room_other", work: "direct" };
  const item = {
    id,
    text,
    title: text.slice(0, 40),
    at: Date.now(),
    success: true,
    tags: [],
    source: { ...place, ...source, kind: "interaction" as const },
  };
  const vector = embed(text, OFFLINE_EMBEDDING.dimensions);
  must(await stage.space.contexts.put(refOf(stage, name), [{ ...item, vector }]));
};

/** A store some of whose doors are different. */
export const storeWith = (store: ContextStore, doors: Partial<ContextStore>): ContextStore => ({ ...store, ...doors });

/** A memory that knows these things about the user. */
export const knowing = (known: Partial<RecalledMemory>) => ({
  recall: async () => ({ ok: true as const, value: { core: [], items: [], locked: 0, ...known } }),
});
