// Who a space is when it writes into its owner's memory.
import type { MemoryWriter } from "#domain/memory/port.ts";
import type { Core } from "./core.ts";

/** Its owner, under the passphrase of a run or none, on this project's account. */
export const memoryWriter = ({ owner, projectLimit }: Core, passphrase: string | null): MemoryWriter => {
  const { userId, projectId } = owner();
  return { userId, passphrase, payer: { projectId, monthlyLimitUsd: projectLimit.usd } };
};
