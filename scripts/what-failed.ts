// What a failed check said of its failures, in as few lines as tell which they are.
import { stripVTControlCharacters } from "node:util";

/** Vitest's headings of a failed test or file (` FAIL   unit  tests/x.test.ts > does`) and of an error that no test caught. */
const FAILURE = /^\s*(?:FAIL\s|⎯+ (?:Unhandled Rejection|Uncaught Exception|Unhandled Error) ⎯)/;
const PLACE = /^\s*❯ /;
const LAST_LINES = 15;

/**
 * Of a check's whole output: each failure's name, the first line of its reason and where it was; where no failure is named (a
 * linter, a compiler, a program that could not start), the last lines.
 */
export function whatFailed(output: string): readonly string[] {
  const lines = stripVTControlCharacters(output)
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "");
  const headings = lines.flatMap((line, at) => (FAILURE.test(line) ? [at] : []));
  const failures = headings.map((at, index) => lines.slice(at, headings[index + 1]));
  return failures.length > 0 ? failures.flatMap(inShort) : lines.slice(-LAST_LINES);
}

function inShort([heading = "", reason = "", ...rest]: readonly string[]): readonly string[] {
  const place = rest.find((line) => PLACE.test(line));
  return [heading, reason, place].flatMap((line, at) => (line ? [`${at === 0 ? "" : "  "}${line.trim()}`] : []));
}
