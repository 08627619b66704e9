// `npm run deploy`: puts the worker on the account wrangler is signed in to: assets, the shared database's migrations, then
// the code. Setting up the account's resources and secrets is described in the README; nothing here invents them.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { buildAssets } from "./serve/build.ts";
import { buildConsole } from "./serve/build-console.ts";
import { ROOT } from "./serve/settings.ts";

buildAssets(await buildConsole());
wrangler("d1", "migrations", "apply", "retinue", "--remote");
wrangler("deploy", ...process.argv.slice(2));

function wrangler(...args: string[]): void {
  const done = spawnSync(
    process.execPath,
    ["--no-warnings", join(ROOT, "node_modules/wrangler/wrangler-dist/cli.js"), ...args],
    {
      cwd: ROOT,
      stdio: "inherit",
    },
  );
  if (done.status !== 0) process.exit(done.status ?? 1);
}
