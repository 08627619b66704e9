// Every list that can be gone on with: what is no cursor of ours is refused at the door, not taken for a beginning or an end.
import { expect, test } from "vitest";
import { z } from "zod";
import { cursorAfter, keyOfCursor } from "#domain/paging.ts";
import { Cursor } from "#schema/api/common.ts";
import { app } from "#workers/app.ts";

const Parameter = z.looseObject({ name: z.string(), schema: z.looseObject({ pattern: z.string().optional() }) });
const Document = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), z.looseObject({ parameters: z.array(Parameter).default([]) }))),
});

test("a cursor is one the API gave, and nothing else", () => {
  const cursor = cursorAfter("run_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3");
  expect(Cursor.parse(cursor)).toBe(cursor);
  expect(keyOfCursor(cursor)).toBe("run_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3");
  for (const wrong of ["abc", "TmFO", "%", "c1:run_1", btoa("run_1"), `x${cursor}`, `${cursor}+`])
    expect(Cursor.safeParse(wrong).success).toBe(false);
});

test("every list says so in its contract", async () => {
  const document = Document.parse(await (await app.request("/my/openapi.json")).json());
  const lists = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.values(methods).flatMap(({ parameters }) =>
      parameters.filter(({ name }) => name === "cursor").map(({ schema }) => ({ path, pattern: schema.pattern })),
    ),
  );
  expect(lists.length).toBeGreaterThan(15);
  expect(lists.filter(({ pattern }) => pattern === undefined)).toEqual([]);
});
