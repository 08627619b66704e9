// The CLI's mouth: the only place that writes to stdout and stderr. Everything passes `harmless` on its way out, so no
// command can forget it. In JSON mode stdout carries JSON and nothing else.
import { harmless, harmlessJson, harmlessLine } from "../terminal/harmless.ts";

/** Where words go. */
export interface Printer {
  readonly json: boolean;
  /** Text for a person on stdout, a line; nothing in JSON mode. */
  line(text?: string): void;
  /** Text on stdout as it streams, without a line break. */
  stream(text: string): void;
  /** One line on stderr, for what must not mix with the answer. */
  aside(text: string): void;
  /** One JSON document on stdout; nothing outside JSON mode. */
  document(value: unknown): void;
  /** One line of NDJSON on stdout; nothing outside JSON mode. */
  record(value: unknown): void;
  /** Rows under their headings, or a sentence when there are none. */
  table(headings: readonly string[], rows: readonly (readonly string[])[], none: string): void;
}

/** What a printer writes to. */
export interface Streams {
  readonly out: { write(text: string): unknown };
  readonly err: { write(text: string): unknown };
}

const width = (text: string): number => [...text].length;

const columns = (rows: readonly (readonly string[])[]): string[] => {
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, width(cell));
  return rows.map((row) =>
    row.map((cell, i) => (i === row.length - 1 ? cell : cell + " ".repeat((widths[i] ?? 0) - width(cell)))).join("  "),
  );
};

/** Makes the printer of one command. */
export const makePrinter = (
  json: boolean,
  streams: Streams = { out: process.stdout, err: process.stderr },
): Printer => {
  const line = (text = "") => {
    if (!json) streams.out.write(`${harmless(text)}\n`);
  };
  return {
    json,
    line,
    stream: (text) => {
      if (!json) streams.out.write(harmless(text));
    },
    aside: (text) => {
      streams.err.write(`${harmless(text)}\n`);
    },
    document: (value) => {
      if (json) streams.out.write(`${harmlessJson(value, 2)}\n`);
    },
    record: (value) => {
      if (json) streams.out.write(`${harmlessJson(value)}\n`);
    },
    table: (headings, rows, none) => {
      if (rows.length === 0) line(none);
      else for (const row of columns([headings, ...rows].map((cells) => cells.map(harmlessLine)))) line(row.trimEnd());
    },
  };
};
