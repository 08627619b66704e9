// Vectors that are made later: nothing that waits is lost to a race, a failure or a defect.
import { describe, expect, it } from "vitest";
import { LateVectors, pauseAfter } from "#durable-objects/worker-space/late-vectors.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import { direction, interaction, refOf } from "#tests/support/context-items.ts";

/** One agent's context of which only the items without vectors are known. */
const withUnembedded = () => {
  const items = new Map<string, ReturnType<typeof interaction>>();
  const told: string[] = [];
  let now = 1_000;
  let looking = async (): Promise<Result<null>> => ok(null);
  const ref = refOf();
  const late = new LateVectors(
    {
      unembedded: async () => {
        const found = [...items.values()];
        const reached = await looking();
        return reached.ok ? ok(found) : reached;
      },
      setVectors: async (_ref, made) => ok({ stored: made.filter(({ id }) => items.delete(id)).length }),
    },
    {
      now: () => now,
      refOf: () => ref,
      embed: async (_agentId, texts) => texts.map((_, at) => direction(at)),
    },
  );
  return {
    late,
    items,
    told,
    want: () => {
      const item = interaction();
      items.set(item.id, item);
      late.want("agent");
    },
    make: () => late.make(["agent"], (agentId) => told.push(agentId)),
    pass: (ms: number) => {
      now += ms;
    },
    /** What happens while the store is asked. */
    whileLooking: (act: typeof looking) => {
      looking = act;
    },
  };
};

describe("vectors made later", () => {
  it("are made for everything that waits, and then nothing waits", async () => {
    const { late, items, told, want, make } = withUnembedded();
    want();
    want();
    await make();
    expect(items.size).toBe(0);
    expect(told).toEqual(["agent"]);
    expect(late.at).toBeNull();
  });

  it("are looked for once more when an item came while the store was answering", async () => {
    const { late, items, told, want, make, whileLooking } = withUnembedded();
    want();
    let came = false;
    whileLooking(async () => {
      // The last look, which finds nothing any more.
      if (items.size === 0 && !came) {
        came = true;
        want();
      }
      return ok(null);
    });
    await make();
    expect(told, "it still waits").toEqual([]);
    expect(late.isDue).toBe(true);
    await make();
    expect(items.size).toBe(0);
    expect(told).toEqual(["agent"]);
    expect(late.at).toBeNull();
  });

  it.each([
    ["cannot be reached", async () => refuse("context_unavailable")],
    ["breaks", async () => Promise.reject(new Error("a defect"))],
  ])("are tried again with growing pauses where the store %s", async (_, looking) => {
    const { late, items, want, make, pass, whileLooking } = withUnembedded();
    want();
    whileLooking(looking);
    for (const failures of [1, 2, 3]) {
      expect(late.isDue).toBe(true);
      await make().catch(() => undefined);
      pass(pauseAfter(failures) - 1);
      expect(late.isDue).toBe(false);
      pass(1);
    }
    whileLooking(async () => ok(null));
    await make();
    expect(items.size).toBe(0);
    expect(late.at).toBeNull();
  });
});
