// Any life of a context, told beside an exact one: whatever is put, replaced, embedded, removed or cut off in the middle,
// both hold and find the same items. Chosen by a fixed seed; SEED makes another.
import { describe, expect, test } from "vitest";
import type { ContextFilter, ContextRef, NewContextItem } from "#domain/context/port.ts";
import type { Holdings } from "#durable-objects/agent-context/holdings.ts";
import { SMALL, type Small } from "#durable-objects/agent-context/small-context.ts";
import type { Result } from "#schema/result.ts";
import { direction, interaction, piece, refOf } from "#tests/support/context-items.ts";
import { exactContexts } from "#tests/support/exact-contexts.ts";
import { ContextDisk } from "./store.ts";

const LIVES = 15;
const STEPS = 40;
const WORDS = ["valve", "pump", "turbine", "договор", "смета", "ёлка", "invoice", "orchid"];
const RUNS = ["run_01K8X0000000000000000000RA", "run_01K8X0000000000000000000RB"];
const DOCUMENTS = ["doc_01K8X0000000000000000000DA", "doc_01K8X0000000000000000000DB"];

const got = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(result.refusal.code);
  return result.value;
};

const chance = (seed: number) => {
  let state = seed;
  const number = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const one = <T>(of: readonly T[]): T => {
    const found = of[number(of.length)];
    if (found === undefined) throw new Error("there is nothing to choose from");
    return found;
  };
  return {
    number,
    one,
    some: <T>(of: readonly T[], most: number) => Array.from({ length: number(most + 1) }, () => one(of)),
  };
};
type Chance = ReturnType<typeof chance>;

const anItem = ({ number, one, some }: Chance, ids: readonly string[]): NewContextItem => {
  const parts = {
    id: one(ids),
    text: some(WORDS, 4).join(" "),
    title: one(["", one(WORDS)]),
    at: 1_790_000_000_000 + number(20),
    tags: [...new Set(some(["red", "blue"], 2))],
    vector: number(3) === 0 ? null : direction(number(1_000)),
  };
  return number(2) === 0
    ? interaction({ ...parts, success: one([true, false, null]), run_id: one(RUNS) })
    : piece({ ...parts, document_id: one(DOCUMENTS) });
};

const aFilter = ({ number, one }: Chance): ContextFilter => ({
  ...(number(3) === 0 ? { kind: one(["interaction", "document"] as const) } : {}),
  ...(number(4) === 0 ? { success: number(2) === 0 } : {}),
  ...(number(4) === 0 ? { since: 1_790_000_000_000 + number(20) } : {}),
  ...(number(4) === 0 ? { until: 1_790_000_000_000 + number(20) } : {}),
  ...(number(4) === 0 ? { tags: one([["red"], ["red", "blue"], []]) } : {}),
  ...(number(6) === 0 ? { document_id: one(DOCUMENTS) } : {}),
  ...(number(6) === 0 ? { run_id: one(RUNS) } : {}),
});

/** Looked through in memory always, never, or now and then. */
const SIZES: readonly Small[] = [SMALL, { items: 0, terms: 0, bytes: 0 }, { items: 25, terms: 60, bytes: 1_000_000 }];

const idsOf = (items: Iterable<{ readonly id: string }>): string[] => [...items].map(({ id }) => id).sort();

describe("any life of a context", () => {
  const first = Number(process.env.SEED ?? "1");
  test.each(Array.from({ length: LIVES }, (_, at) => first + at))(
    "with seed %i is that of an exact one",
    async (seed) => {
      const luck = chance(seed);
      const ids = Array.from({ length: 60 }, () => crypto.randomUUID());
      const ref: ContextRef = refOf();
      const exact = exactContexts();
      const disk = new ContextDisk();
      const small = SIZES[seed % SIZES.length];
      let holdings: Holdings = disk.open(small);

      const compare = async (): Promise<void> => {
        const filter = aFilter(luck);
        const query = {
          text: luck.some(WORDS, 3).join(" "),
          vector: direction(luck.number(1_000)),
          topK: 100,
          filter,
          seen: luck.some(RUNS, 2),
        };
        for (const asked of [query, { ...query, vector: null }, { ...query, text: "" }])
          expect(idsOf(holdings.search(ref.embedding, asked).map(({ item }) => item))).toEqual(
            idsOf(got(await exact.search(ref, asked)).map(({ item }) => item)),
          );
        const page = got(await exact.list(ref, filter, null, 100));
        expect(holdings.items.page(filter, null, 100).items).toEqual(page.items);
        const { items, pending, interactions } = got(await exact.stats(ref));
        expect(holdings.stats(ref.embedding)).toMatchObject({ items, pending, vectors: items - pending, interactions });
        expect(idsOf(holdings.unembedded(ref.embedding, 100))).toEqual(idsOf(got(await exact.unembedded(ref, 100))));
      };

      for (let step = 0; step < STEPS; step += 1) {
        switch (luck.number(7)) {
          case 0:
          case 1:
          case 2: {
            const items = Array.from({ length: 1 + luck.number(15) }, () => anItem(luck, ids));
            const last = new Map(items.map((item) => [item.id, item]));
            holdings.put(ref.embedding, items);
            got(await exact.put(ref, [...last.values()]));
            break;
          }
          case 3: {
            const vectors = new Map(luck.some(ids, 10).map((id) => [id, direction(luck.number(1_000))]));
            const stored = holdings.setVectors(ref.embedding, vectors);
            expect({ stored }).toEqual(
              got(
                await exact.setVectors(
                  ref,
                  [...vectors].map(([id, vector]) => ({ id, vector })),
                ),
              ),
            );
            break;
          }
          case 4: {
            const filter = { ...aFilter(luck), run_id: luck.one(RUNS) };
            const removed = holdings.remove(holdings.items.fitting(filter, 1_000));
            expect({ removed }).toEqual(got(await exact.remove(ref, { filter })));
            break;
          }
          case 5: {
            const removed = [...new Set(luck.some(ids, 5))];
            holdings.remove([...holdings.items.keysOf(removed).values()]);
            got(await exact.remove(ref, { ids: removed }));
            break;
          }
          default: {
            // The object is cut off in the middle of a write, and opened again: all of it is there, or none.
            disk.disk.killAfter(luck.number(2));
            const items = [anItem(luck, ids), anItem(luck, ids)];
            let kept = true;
            try {
              holdings.put(ref.embedding, items);
            } catch {
              kept = false;
            }
            holdings = disk.open(small);
            const last = new Map(items.map((item) => [item.id, item]));
            if (kept) got(await exact.put(ref, [...last.values()]));
          }
        }
        await compare();
      }
    },
  );
});
