// A run that this space works on itself, told apart from one made for an outside engine.
import type { RunRow } from "#schema/space/read-models.ts";

/** A run begun by a message: it has a first step, an agent and an input. */
export type OwnRun = RunRow & {
  readonly mode: "direct" | "orchestrated";
  readonly stepId: string;
  readonly agentId: string;
  readonly agentName: string;
  readonly agentVersion: number;
  readonly inputMessageId: string;
  readonly inputSeq: number;
};

/** The run as one of the space's own; null when an outside engine is to execute it. */
export const asOwnRun = (row: RunRow): OwnRun | null => {
  const { mode, stepId, agentId, agentName, agentVersion, inputMessageId, inputSeq } = row;
  if (mode === "external" || stepId === null || agentId === null || agentName === null) return null;
  if (agentVersion === null || inputMessageId === null || inputSeq === null) return null;
  return { ...row, mode, stepId, agentId, agentName, agentVersion, inputMessageId, inputSeq };
};
