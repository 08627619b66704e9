// `npm run bench [-- section…] [--json] [--baselines] [--full]`: measures the product next to baselines in the same run, on loopback
// only, within bounded counts and times. Without a section it runs all of them; `--full` adds what takes many minutes.

import { asTable, machine, type Row } from "./report.ts";
import { appendSection } from "./sections/append.ts";
import { approvalSection } from "./sections/approval.ts";
import { claimsSection } from "./sections/claims.ts";
import { consoleSection } from "./sections/console.ts";
import { consoleLoadSection } from "./sections/console-load.ts";
import { contextHybridSection } from "./sections/context-hybrid.ts";
import { contextSearchSection } from "./sections/context-search.ts";
import { deliverySection } from "./sections/delivery.ts";
import { directCallSection } from "./sections/direct-call.ts";
import { planSchedulingSection } from "./sections/plan-scheduling.ts";
import { planningSection } from "./sections/planning.ts";
import { routingSection } from "./sections/routing.ts";
import { rowsSection } from "./sections/rows.ts";

const SECTIONS: Readonly<Record<string, (withProduct: boolean, full: boolean) => Promise<Row[]>>> = {
  "direct-call": directCallSection,
  delivery: deliverySection,
  append: appendSection,
  rows: rowsSection,
  routing: routingSection,
  claims: claimsSection,
  planning: planningSection,
  approval: approvalSection,
  "plan-scheduling": planSchedulingSection,
  "context-search": contextSearchSection,
  "context-hybrid": contextHybridSection,
  console: consoleSection,
  "console-load": consoleLoadSection,
};

const OPTIONS = ["--json", "--baselines", "--full"];

const args = process.argv.slice(2);
const names = args.filter((arg) => !arg.startsWith("--"));
const unknown = [
  ...names.filter((name) => !Object.hasOwn(SECTIONS, name)),
  ...args.filter((arg) => arg.startsWith("--") && !OPTIONS.includes(arg)),
];
if (unknown.length > 0) {
  console.error(
    `bench does not know ${unknown.join(", ")}. Sections: ${Object.keys(SECTIONS).join(", ")}; options: ${OPTIONS.join(", ")}.`,
  );
  process.exit(2);
}
// A bench that is interrupted takes its servers with it: each of them ends when this process exits.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

const json = args.includes("--json");
const rows: Row[] = [];
let failed = false;
for (const [name, section] of Object.entries(SECTIONS)) {
  if (names.length > 0 && !names.includes(name)) continue;
  console.error(`measuring ${name}…`);
  try {
    const found = await section(!args.includes("--baselines"), args.includes("--full"));
    rows.push(...found);
    if (!json && found.length > 0) console.log(`\n${asTable(found)}`);
  } catch (error) {
    failed = true;
    console.error(`${name} failed:`, error);
  }
}
if (json) console.log(JSON.stringify({ machine: machine(), rows }, null, 2));
else {
  const about = Object.entries(machine()).map(([name, value]) => `${name}: ${value}`);
  console.log(`\n${about.join(" · ")}`);
}
process.exit(failed ? 1 : 0);
