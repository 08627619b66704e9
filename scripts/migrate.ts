// `npm run db:migrate`: brings the shared database of STATE_DIR, the one `npm start` serves, up to its migrations. `npm start`
// does the same by itself; the spaces migrate their own databases when they next wake. The deployed one: `npm run deploy`.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { migrateDatabase } from "./serve/build.ts";
import { endProcessesOf } from "./serve/processes.ts";
import { readSettings, SettingError } from "./serve/settings.ts";
import { StateTakenError, takeState } from "./serve/single.ts";
import { WranglerError } from "./serve/wrangler.ts";

try {
  await migrate();
} catch (error) {
  const expected = error instanceof StateTakenError || error instanceof SettingError || error instanceof WranglerError;
  console.error(expected ? `retinue: ${error.message}` : error);
  process.exitCode = 1;
}

async function migrate(): Promise<void> {
  const { stateDir } = readSettings(process.env, []);
  mkdirSync(join(stateDir, "logs"), { recursive: true, mode: 0o700 });
  const hold = takeState(stateDir, { pid: process.pid, url: "npm run db:migrate" });
  try {
    await endProcessesOf(stateDir);
    const done = await migrateDatabase(stateDir);
    console.log(`The database in ${stateDir} ${done ? "is migrated" : "was already migrated"}.`);
  } finally {
    hold.release();
  }
}
