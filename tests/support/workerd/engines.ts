// Outside engines for tests of a space: what they say under their lease, and a clock that can be moved.
import { vi } from "vitest";
import type { ClaimBody } from "#schema/api/engines.ts";
import type { Run } from "#schema/api/runs.ts";
import type { RoomId, RunId } from "#schema/ids.ts";
import type { SpaceCaller } from "#schema/principal.ts";
import { type FreshSpace, logOf, must } from "./spaces.ts";

/** A run as its engine holds it. */
export interface HeldByEngine {
  readonly run: Run;
  readonly id: RunId;
  readonly token: string;
  readonly fence: number;
}

/** Asks for a run. */
export const wanted = async (space: FreshSpace, room_id: RoomId, title = "Build", input = {}): Promise<RunId> =>
  must(await space.stub.requestRun(space.caller, { room_id, title, input }, null)).id;

/** Claims; null when nothing waits. */
export const claimed = async (
  space: FreshSpace,
  changes: Partial<ClaimBody> = {},
  caller: SpaceCaller = space.caller,
): Promise<HeldByEngine | null> => {
  const { run, lease } = must(await space.stub.claimRun(caller, { engine: "e1", ttl_seconds: 30, ...changes }));
  return run === null || lease === null ? null : { run, id: run.id, token: lease.token, fence: lease.fence };
};

/** Claims what must be there. */
export const holding = async (space: FreshSpace, changes: Partial<ClaimBody> = {}): Promise<HeldByEngine> => {
  const held = await claimed(space, changes);
  if (held === null) throw new Error("nothing waits");
  return held;
};

/** From now on time stands still and is moved by hand. Ends with the test. */
export const stoppedClock = () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  return {
    forward: (seconds: number): void => {
      vi.setSystemTime(Date.now() + seconds * 1000);
    },
  };
};

/** The types of a run's events, in order. */
export const storyOf = async (space: FreshSpace, runId: RunId): Promise<string[]> =>
  (await logOf(space)).filter((event) => event.run_id === runId).map((event) => event.type);
