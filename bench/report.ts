// Numbers and how they are shown: percentiles, rows, and the table or the JSON of a whole run.
import { cpus, totalmem } from "node:os";

/** One line of the outcome: a contender in a situation, and its figures. */
export interface Row {
  readonly section: string;
  readonly case: string;
  readonly contender: string;
  readonly figures: Readonly<Record<string, number>>;
  readonly note?: string;
}

/** The value below which `share` of them lie (nearest rank); NaN for none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** The machine the numbers are from. */
export function machine(): Readonly<Record<string, string>> {
  const cores = cpus();
  return {
    cpu: `${cores.length} × ${cores[0]?.model ?? "unknown"}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${process.platform} ${process.arch}`,
    node: process.version,
  };
}

/** A plain-text table, a block for each section. */
export function asTable(rows: readonly Row[]): string {
  const blocks = Map.groupBy(rows, (row) => row.section);
  return [...blocks].map(([section, of]) => `${section}\n${block(of)}`).join("\n\n");
}

function block(rows: readonly Row[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row.figures)))];
  const lines = [
    ["case", "contender", ...names],
    ...rows.map((row) => [row.case, row.contender, ...names.map((name) => figure(row.figures[name]))]),
  ];
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  const drawn = lines.map(
    (line) =>
      `  ${line.map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  ")}`,
  );
  const notes = rows.flatMap((row) =>
    row.note === undefined ? [] : [`  (${row.contender}, ${row.case}: ${row.note})`],
  );
  return [...drawn, ...notes].join("\n");
}

function figure(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "–";
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(1);
}
