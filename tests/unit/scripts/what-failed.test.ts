// The end of a red `npm test`: which tests failed and why, said last.
import { describe, expect, it } from "vitest";
import { whatFailed } from "../../../scripts/what-failed.ts";

const VITEST = `
 ❯ \u001b[42m unit \u001b[49m tests/unit/sums.test.ts (2 tests | 1 failed)
   × adds 12ms

⎯⎯⎯⎯ Failed Tests 1 ⎯⎯⎯⎯

\u001b[41m\u001b[1m FAIL \u001b[22m\u001b[49m \u001b[42m unit \u001b[49m tests/unit/sums.test.ts\u001b[2m > \u001b[22madds
\u001b[31mAssertionError\u001b[39m: expected 1 to be 2 // Object.is equality

- 2
+ 1

 ❯ tests/unit/sums.test.ts:2:31
    1| import { expect, it } from "vitest";
 ❯ tests/support/other.ts:1:1

⎯⎯⎯⎯ Unhandled Errors ⎯⎯⎯⎯

Vitest caught 1 unhandled error during the test run.
⎯⎯⎯⎯ Uncaught Exception ⎯⎯⎯⎯
Error: late one
 ❯ Timeout._onTimeout tests/unit/late.test.ts:3:58

 Test Files  1 failed (1)
`;

describe("what failed", () => {
  it("names each failed test and each error that no test caught, with its reason and its place", () => {
    expect(whatFailed(VITEST)).toEqual([
      "FAIL   unit  tests/unit/sums.test.ts > adds",
      "  AssertionError: expected 1 to be 2 // Object.is equality",
      "  ❯ tests/unit/sums.test.ts:2:31",
      "⎯⎯⎯⎯ Uncaught Exception ⎯⎯⎯⎯",
      "  Error: late one",
      "  ❯ Timeout._onTimeout tests/unit/late.test.ts:3:58",
    ]);
  });

  it("shows the end of what a compiler or a linter said", () => {
    const lines = Array.from({ length: 40 }, (_, at) => `src/file.ts(${at + 1},1): error TS2322`);
    expect(whatFailed(lines.join("\n\n"))).toEqual(lines.slice(-15));
  });

  it("has nothing to say of nothing", () => expect(whatFailed("\n\n")).toEqual([]));
});
