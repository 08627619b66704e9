// An agent's context as this space reaches it. The ref is made of the space's own owner, so that no message can name another's.
import type { ContextRef } from "#domain/context/port.ts";
import { contextRef as refOf } from "#domain/context/ref.ts";
import { agentIdOf } from "#domain/events/ids.ts";
import type { Core } from "./core.ts";

/** The context of one of this space's agents. */
export const contextRef = (
  core: Core,
  agent: { readonly id: string; readonly name: string },
  embedding: ContextRef["embedding"],
): ContextRef => refOf({ ...core.owner(), agentId: agentIdOf(agent.id), name: agent.name }, embedding);

/** What it comes to, or null when it fails or takes longer: nobody waits for what only helps. */
export const within = async <T>(work: Promise<T>, ms: number): Promise<T | null> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), Math.max(0, ms));
  });
  try {
    return await Promise.race([work.catch(() => null), late]);
  } finally {
    clearTimeout(timer);
  }
};
