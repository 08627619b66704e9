// The folder of somebody who has agents: a small program that is believable, and text that questions can be asked about.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const README = `# Tide table

Prints the tides of a harbour for the coming week. The times of high water are computed on your machine, so it works at
sea, where there is no network.

## Use

Run \`npx tide-table <harbour>\`. Every time is the local time of the harbour.

## How exact it is

High water follows the moon: it comes about every 12 hours and 25 minutes. A computed time is within ten minutes of the
printed tables for open harbours. Behind a long estuary it may be half an hour late. Wind and air pressure are not
part of it: a strong wind from the sea raises the water by half a metre and more.
`;

const HARBOURS = `# Harbours

Dover is what the others are compared with: its mean high water is 6.4 metres.

Port Isaac has high water 5 hours and 40 minutes after Dover. Its mean high water is 6.9 metres.

Whitby has high water 4 hours and 50 minutes after Dover. Its mean high water is 5.2 metres.
`;

const MOON = `// High water follows the moon: every 12 hours and 25 minutes.
export const TIDE_MINUTES = 12 * 60 + 25;

export function nextHighWater(last: Date): Date {
  return new Date(last.getTime() + TIDE_MINUTES * 60_000);
}
`;

const INDEX = `// Prints the high waters of the coming week.
import { nextHighWater } from "./moon.ts";

export function week(last: Date): Date[] {
  const times = [nextHighWater(last)];
  while (times.length < 14) times.push(nextHighWater(times.at(-1) ?? last));
  return times;
}
`;

/** What the folder's notes say once the first write was approved. */
export const NOTES = `# Notes

- High water follows the moon, every 12 hours and 25 minutes.
- Times are computed on the machine; no network is needed.
`;

/** What an agent wants to make of them. */
export const LONGER_NOTES = `# Notes

- High water follows the moon, about every 12 hours and 25 minutes.
- Times are computed on the machine; no network is needed.
- Wind is not part of it: from the sea it raises the water.

Check Port Isaac against the printed table.
`;

/** Texts an agent is given to read. */
export const READING = { "README.md": README, "docs/harbours.md": HARBOURS } as const;

/** Makes `<parent>/tide-table`. */
export const makeTideTable = (parent: string): string => {
  const path = join(parent, "tide-table");
  mkdirSync(join(path, "src"), { recursive: true });
  mkdirSync(join(path, "docs"));
  const manifest = {
    name: "tide-table",
    version: "1.2.0",
    description: "Prints the tides of a harbour for the coming week",
    type: "module",
    scripts: { test: "node --test" },
  };
  writeFileSync(join(path, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  for (const [name, text] of Object.entries(READING)) writeFileSync(join(path, name), text);
  writeFileSync(join(path, "src/moon.ts"), MOON);
  writeFileSync(join(path, "src/index.ts"), INDEX);
  return path;
};
