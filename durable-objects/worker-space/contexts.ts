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
export const within = async <T>(work: Promise<T>, ms: number): Promise<T | null> =>
  (await bothWithin(work, NONE, ms))[0];

const NONE = Promise.resolve(null);

/** The same for two at once, by one clock. */
export const bothWithin = async <A, B>(
  one: Promise<A>,
  other: Promise<B>,
  ms: number,
): Promise<[A | null, B | null]> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), Math.max(0, ms));
  });
  const inTime = <T>(work: Promise<T>): Promise<T | null> => Promise.race([work.catch(() => null), late]);
  try {
    return await Promise.all([inTime(one), inTime(other)]);
  } finally {
    clearTimeout(timer);
  }
};
