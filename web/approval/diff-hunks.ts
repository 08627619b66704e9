// A file before and after, as the pieces in which they differ. Made from the texts alone, never from a patch in words: a file
// that holds one must not be taken for it.
import { structuredPatch } from "diff";
import type { ChangeData, HunkData } from "react-diff-view";
import { harmless } from "#client/terminal/harmless.ts";

/** Longer texts are not compared: it would take long, and nobody reads it. */
const LONGEST = 200_000;
const LONGEST_LINE = 2_000;
const MOST_LINES = 3_000;
const MOST_EDITS = 4_000;
const CONTEXT = 3;

/** How they differ; null when that is more than can be shown. */
export interface FileDiff {
  readonly hunks: HunkData[];
  readonly added: number;
  readonly removed: number;
}

const shown = (line: string): string => harmless(line.slice(1).replace(/\r$/, "␍"));

const tooMuch = (text: string): boolean => {
  if (text.length > LONGEST) return true;
  const lines = text.split("\n");
  return lines.length > MOST_LINES || lines.some((line) => line.length > LONGEST_LINE);
};

/** Compares two texts; null when they are too large. No hunks: they are the same. */
export const diffOf = (before: string, after: string): FileDiff | null => {
  if (tooMuch(before) || tooMuch(after)) return null;
  const patch = structuredPatch("", "", before, after, "", "", { context: CONTEXT, maxEditLength: MOST_EDITS });
  if (patch === undefined) return null;
  let added = 0;
  let removed = 0;
  const hunks = patch.hunks.map((hunk): HunkData => {
    let oldLine = hunk.oldStart;
    let newLine = hunk.newStart;
    const changes = hunk.lines.flatMap((line): ChangeData[] => {
      const content = shown(line);
      switch (line.charAt(0)) {
        case "+":
          added += 1;
          return [{ type: "insert", isInsert: true, lineNumber: newLine++, content }];
        case "-":
          removed += 1;
          return [{ type: "delete", isDelete: true, lineNumber: oldLine++, content }];
        case " ":
          return [{ type: "normal", isNormal: true, oldLineNumber: oldLine++, newLineNumber: newLine++, content }];
        default:
          // "\ No newline at end of file" is told beside the diff.
          return [];
      }
    });
    const { oldStart, oldLines, newStart, newLines } = hunk;
    return {
      content: `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
      oldStart,
      oldLines,
      newStart,
      newLines,
      changes,
    };
  });
  return { hunks, added, removed };
};

/** What a diff of lines does not show; null when there is nothing of it. */
export const endNote = (before: string, after: string): string | null => {
  if (before === after) return null;
  if (before.endsWith("\n") && !after.endsWith("\n") && after !== "") return "The new text ends without a line end.";
  if (!before.endsWith("\n") && before !== "" && after.endsWith("\n")) return "The new text ends with a line end.";
  return null;
};
