import { expect, it } from "vitest";
import { CountedSql } from "#durable-objects/worker-space/counted-sql.ts";
import { RowStore } from "#durable-objects/worker-space/row-store.ts";
import { erasures } from "#schema/space/work.ts";
import { SimulatedDisk } from "#tests/support/simulation/storage.ts";

const opened = () => {
  const storage = new SimulatedDisk().begin();
  return { storage, store: new RowStore(new CountedSql(storage.sql), erasures, ["r2Key"]) };
};
const row = { r2Key: "contents/of/a/run", attempts: 0, dueAt: 1 };

it("knows whether a table holds anything, through what is written and taken out", () => {
  const { store } = opened();
  expect(store.isEmpty).toBe(true);
  store.put(row);
  expect(store.isEmpty).toBe(false);
  store.put({ ...row, r2Key: "another" });
  store.delete(row.r2Key);
  expect(store.isEmpty).toBe(false);
  store.delete("another");
  expect(store.isEmpty).toBe(true);
});

it("asks the table once, however often it is asked", () => {
  const { storage, store } = opened();
  expect(store.isEmpty).toBe(true);
  storage.sql.exec("insert into erasures (r2_key, attempts, due_at) values ('unseen', 0, 1)");
  expect(store.isEmpty).toBe(true);
  store.forget();
  expect(store.isEmpty).toBe(false);
});

it("forgets what a transaction that was rolled back made it believe", () => {
  const { storage, store } = opened();
  store.put(row);
  expect(() =>
    storage.transactionSync(() => {
      store.delete(row.r2Key);
      expect(store.isEmpty).toBe(true);
      throw new Error("no");
    }),
  ).toThrow("no");
  store.forget();
  expect(store.isEmpty).toBe(false);
});
