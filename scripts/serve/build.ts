// What must exist before the server starts: static assets, the worker's bundle, a migrated database. Each is made only when
// what it is made from has changed, and appears whole or not at all.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { PAGE, piecesOf } from "./build-console.ts";
import { filesUnder, fingerprint, keepNewest } from "./fingerprint.ts";
import { writeLocalConfigs } from "./local-config.ts";
import { ROOT } from "./settings.ts";
import { runWrangler } from "./wrangler.ts";

const SWAGGER_FILES = [
  "swagger-ui.css",
  "swagger-ui-bundle.js",
  "swagger-ui-standalone-preset.js",
  "favicon-32x32.png",
  "LICENSE",
  "NOTICE",
];
const WORKER_SOURCES = [
  "workers",
  "durable-objects",
  "adapters",
  "domain",
  "schema",
  "migrations",
  "wrangler.toml",
  "scripts/serve/local-config.ts",
  "tsconfig.json",
  "package-lock.json",
];
const BUNDLES_KEPT = 4;

/** Where the state directory keeps the databases, buckets and objects. */
export const storageOf = (stateDir: string): string => join(stateDir, "storage");

/** Where everything lies that is served as it is. wrangler wants it to be there before it looks at anything else. */
export function assetsDirectory(): string {
  const out = join(ROOT, "dist/assets");
  mkdirSync(out, { recursive: true });
  return out;
}

/** Fills dist/assets from the built console, swagger-ui-dist and `public/`; true when something had to be done. */
export function buildAssets(console: string): boolean {
  const out = assetsDirectory();
  const wanted = new Map<string, string>();
  for (const name of SWAGGER_FILES) wanted.set(join("swagger", name), join(ROOT, "node_modules/swagger-ui-dist", name));
  const pub = join(ROOT, "public");
  for (const file of filesUnder(pub)) wanted.set(relative(pub, file), file);
  // The page comes last: it never names a piece that is not there yet.
  for (const name of [...piecesOf(console), PAGE]) wanted.set(name, join(console, name));
  const marker = join(ROOT, "dist/assets.hash");
  const hash = fingerprint(ROOT, [...wanted.values()]);
  const complete = [...wanted.keys()].every((name) => existsSync(join(out, name)));
  if (complete && readText(marker) === hash) return false;
  for (const [name, source] of wanted) {
    const target = join(out, name);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(source, `${target}.${process.pid}`);
    renameSync(`${target}.${process.pid}`, target);
  }
  // Another start may be at it too: what it is just putting in place is left alone.
  for (const file of filesUnder(out))
    if (!wanted.has(relative(out, file)) && !/\.\d+$/.test(file)) rmSync(file, { force: true });
  writeWhole(marker, hash);
  return true;
}

/** Bundles the worker, or finds the bundle of the same sources; returns its directory. */
export async function buildWorker(stateDir: string): Promise<string> {
  const sources = WORKER_SOURCES.flatMap((name) => filesUnder(join(ROOT, name)));
  const bundles = join(ROOT, "dist/worker");
  const bundle = join(bundles, fingerprint(ROOT, sources).slice(0, 16));
  const entry = join(bundle, "index.js");
  if (existsSync(entry)) return bundle;
  mkdirSync(bundles, { recursive: true });
  assetsDirectory();
  const draft = mkdtempSync(join(bundles, "draft-"));
  try {
    await runWrangler(stateDir, "build", ["deploy", "--dry-run", "--outdir", draft]);
    await writeLocalConfigs(draft);
    renameSync(draft, bundle);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Another start finished the same bundle first.
    if (!existsSync(entry)) throw error;
  }
  keepNewest(bundles, BUNDLES_KEPT);
  return bundle;
}

/** Applies the shared database's migrations to this state directory, unless it has them. */
export async function migrateDatabase(stateDir: string): Promise<boolean> {
  const migrations = join(ROOT, "migrations/d1");
  const hash = fingerprint(
    migrations,
    filesUnder(migrations).filter((file) => file.endsWith(".sql")),
  );
  // The marker lives beside the database, so that whoever removes one removes both.
  const marker = join(storageOf(stateDir), "migrated");
  if (readText(marker) === hash && existsSync(join(storageOf(stateDir), "v3/d1"))) return false;
  await runWrangler(stateDir, "migrate", [
    "d1",
    "migrations",
    "apply",
    "retinue",
    "--local",
    "--persist-to",
    storageOf(stateDir),
  ]);
  writeWhole(marker, hash);
  return true;
}

function readText(path: string): string | null {
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}

function writeWhole(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.${process.pid}`, text, { flush: true });
  renameSync(`${path}.${process.pid}`, path);
}
