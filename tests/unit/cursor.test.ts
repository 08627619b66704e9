// Where a list goes on: what is no cursor of ours is refused at the door, not taken for a beginning or an end.
import { expect, test } from "vitest";
import { cursorAfter, keyOfCursor } from "#domain/paging.ts";
import { Cursor } from "#schema/api/common.ts";

test("a cursor is one the API gave, and nothing else", () => {
  const cursor = cursorAfter("run_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3");
  expect(Cursor.parse(cursor)).toBe(cursor);
  expect(keyOfCursor(cursor)).toBe("run_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3");
  for (const wrong of ["abc", "TmFO", "%", "c1:run_1", btoa("run_1"), `x${cursor}`, `${cursor}+`])
    expect(Cursor.safeParse(wrong).success).toBe(false);
});
