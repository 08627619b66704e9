// Forgetting a memory. What agents keep of the runs it came from is to go with it, and that is said first, to spaces that write
// it down: were this to break off in the middle, the memory is still there to be deleted again, and nothing outlives it.
import type { MemoryId, RunId } from "#schema/ids.ts";
import type { MemoryType } from "#schema/memory.ts";
import { ok, type Result } from "#schema/result.ts";

/** What goes with a memory. */
export interface Forgotten {
  readonly also: readonly { readonly id: MemoryId; readonly type: MemoryType }[];
  /** The runs it all came from: what agents keep of them goes too. */
  readonly runIds: readonly RunId[];
}

/** What forgetting needs. */
export interface ForgetDeps {
  /** What would go, without anything going. */
  wouldForget(type: MemoryType, id: string): Promise<Result<Forgotten>>;
  /** Has what agents keep of these runs deleted, and of those whose answers cite these memories; sooner or later and for certain. */
  forgetRuns(runIds: readonly RunId[], memoryIds: readonly string[]): Promise<void>;
  forget(type: MemoryType, id: string): Promise<Result<Forgotten>>;
}

/** Deletes a memory, what was derived from the same words, and what agents keep of the runs they came from. */
export const forgetMemory = async (deps: ForgetDeps, type: MemoryType, id: string): Promise<Result<Forgotten>> => {
  const going = await deps.wouldForget(type, id);
  if (!going.ok) return going;
  // An answer that cites a memory repeats it, and stands in its agent's context.
  await deps.forgetRuns(going.value.runIds, [id, ...going.value.also.map((one) => one.id)]);
  const gone = await deps.forget(type, id);
  if (!gone.ok) return gone;
  // What came in between was not said yet: a run that was learned from, an answer that cites what has gone since.
  const late = gone.value.runIds.filter((runId) => !going.value.runIds.includes(runId));
  await deps.forgetRuns(late, [id, ...gone.value.also.map((one) => one.id)]);
  return ok(gone.value);
};
