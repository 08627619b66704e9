// What a live frame says as a fact of the log. What this version does not know, or what does not fit its contract, says nothing.
import { SpaceEvent } from "#schema/events/index.ts";
import type { LiveFrame } from "#schema/frames.ts";

/** A stored event as a frame brings it; `fact` is null when its data was taken out of the log, or is not known here. */
export interface FrameFact {
  readonly seq: number;
  readonly at: string;
  readonly type: string;
  readonly fact: SpaceEvent | null;
}

const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** The fact in a frame; null for a signal. */
export const frameFact = ({ seq, data }: LiveFrame): FrameFact | null => {
  const type = textOf(data.type);
  if (seq === null || type === null) return null;
  // The stream leaves the version out: there is one so far, and another would not fit the contract of the first.
  return { seq, at: textOf(data.at) ?? "", type, fact: SpaceEvent.safeParse({ type, version: 1, data }).data ?? null };
};
