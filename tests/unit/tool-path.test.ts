// The server's half of the path check.
import { expect, it } from "vitest";
import { pathProblem } from "#domain/tools/path.ts";

it.each([
  "a.txt",
  "./a",
  "src/index.ts",
  "a/../b",
  "..foo",
  "...",
  "%2e%2e/x",
  "-rf",
  "with space",
  "имя.md",
  "a//b",
  ".",
  "C",
])("lets %j through", (path) => {
  expect(pathProblem(path)).toBeNull();
});

it.each([
  "..",
  "../a",
  "a/../../b",
  "/etc/passwd",
  "\\\\server\\share",
  "C:\\Windows",
  "c:/x",
  "a\0b",
  "./../x",
  "a/b/../../../c",
])("refuses %j", (path) => {
  expect(pathProblem(path)).not.toBeNull();
});
