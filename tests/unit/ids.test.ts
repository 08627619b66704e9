import { expect, test } from "vitest";
import { minter, newKey, orderedMinter } from "#adapters/ids.ts";
import { keyOf } from "#schema/ids.ts";

test("ids of one space sort in the order they were minted, however the clock behaves", () => {
  const key = newKey();
  for (const clock of [() => 5, () => Date.now(), () => Math.floor(Math.random() * 10)]) {
    const mint = orderedMinter(clock);
    const ids = Array.from({ length: 5_000 }, () => mint("toolCall", key));
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => keyOf(id) === key)).toBe(true);
  }
});

test("ids of different mints do not meet, even in one millisecond", () => {
  const key = newKey();
  const [one, other] = [orderedMinter(() => 5), orderedMinter(() => 5)];
  const ids = Array.from({ length: 1_000 }, () => [one("run", key), other("run", key), minter(() => 5)("run", key)]);
  expect(new Set(ids.flat()).size).toBe(3_000);
});
