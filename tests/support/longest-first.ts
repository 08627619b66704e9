// The order in which test files are begun. A long file that begins last is waited for by a core with nothing to do; vitest
// knows the long ones by earlier runs, and a machine that runs the tests for the first time has none.
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** End-to-end files that take longer than a minute on two cores, the longest first. */
const LONG = [
  "kill9",
  "schedules",
  "read-side",
  "serving",
  "first-run",
  "console-pages",
  "console",
  "kill9-team",
  "tamper",
].map((name) => `/tests/e2e/${name}.test.ts`);

const rank = ({ moduleId }: TestSpecification): number => {
  const at = LONG.findIndex((path) => moduleId.endsWith(path));
  return at === -1 ? LONG.length : at;
};

/** Begins what is known to be long before all else. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}
