// A configuration as lines of text, so that two of them can be held side by side: JSON, with the prompt as the lines it is.
import { diffLines } from "diff";
import type { AgentConfig } from "#schema/api/agents.ts";

/** A line of a comparison. */
export interface DiffLine {
  readonly kind: "same" | "added" | "removed";
  readonly text: string;
}

const AROUND = 3;

const sorted = (value: unknown): unknown =>
  value !== null && typeof value === "object" && !Array.isArray(value)
    ? Object.fromEntries(
        Object.entries(value)
          .sort(([one], [other]) => (one < other ? -1 : 1))
          .map(([key, inner]) => [key, sorted(inner)]),
      )
    : value;

/** The lines of a configuration. */
export const configText = ({ system_prompt: prompt, ...rest }: AgentConfig): string =>
  `${JSON.stringify(sorted(rest), null, 2)}\n\nsystem_prompt:\n${prompt.replace(/\n*$/, "")}\n`;

/** What differs, with a few lines around it; empty when nothing does. Null stands for lines that are left out. */
export const compareConfigs = (before: AgentConfig, after: AgentConfig): readonly (DiffLine | null)[] => {
  const lines = diffLines(configText(before), configText(after)).flatMap(({ added, removed, value }) =>
    value
      .replace(/\n$/, "")
      .split("\n")
      .map((text): DiffLine => ({ kind: added ? "added" : removed ? "removed" : "same", text })),
  );
  const isNear = (at: number): boolean =>
    lines.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(({ kind }) => kind !== "same");
  const shown: (DiffLine | null)[] = [];
  for (const [at, line] of lines.entries()) {
    if (isNear(at)) shown.push(line);
    else if (shown.at(-1) !== null) shown.push(null);
  }
  return shown.every((line) => line === null) ? [] : shown;
};
