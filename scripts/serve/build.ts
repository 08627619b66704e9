// What must exist before the server starts: static assets, the worker's bundle, a migrated database. Each is made only when
// what it is made from has changed, and appears whole or not at all.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { filesUnder, fingerprint } from "./fingerprint.ts";
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
  "tsconfig.json",
  "package-lock.json",
];
const BUNDLES_KEPT = 4;

/** Where the state directory keeps the databases, buckets and objects. */
export const storageOf = (stateDir: string): string => join(stateDir, "storage");

/** Fills dist/assets from swagger-ui-dist and `public/`; true when something had to be done. */
export function buildAssets(): boolean {
  const out = join(ROOT, "dist/assets");
  const wanted = new Map<string, string>();
  for (const name of SWAGGER_FILES) wanted.set(join("swagger", name), join(ROOT, "node_modules/swagger-ui-dist", name));
  const pub = join(ROOT, "public");
  for (const file of filesUnder(pub)) wanted.set(relative(pub, file), file);
  const marker = join(ROOT, "dist/assets.hash");
  const hash = fingerprint(ROOT, [...wanted.values()]);
  const complete = [...wanted.keys()].every((name) => existsSync(join(out, name)));
  if (complete && readText(marker) === hash) return false;
  for (const file of filesUnder(out)) if (!wanted.has(relative(out, file))) rmSync(file);
  for (const [name, source] of wanted) {
    const target = join(out, name);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(source, `${target}.${process.pid}`);
    renameSync(`${target}.${process.pid}`, target);
  }
  writeWhole(marker, hash);
  return true;
}

/** Bundles the worker, or finds the bundle of the same sources; returns its entry file. */
export async function buildWorker(stateDir: string): Promise<string> {
  const sources = WORKER_SOURCES.flatMap((name) => filesUnder(join(ROOT, name)));
  const bundles = join(ROOT, "dist/worker");
  const bundle = join(bundles, fingerprint(ROOT, sources).slice(0, 16));
  const entry = join(bundle, "index.js");
  if (existsSync(entry)) return entry;
  mkdirSync(bundles, { recursive: true });
  const draft = mkdtempSync(join(bundles, "draft-"));
  try {
    await runWrangler(stateDir, "build", ["deploy", "--dry-run", "--outdir", draft]);
    renameSync(draft, bundle);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Another start finished the same bundle first.
    if (!existsSync(entry)) throw error;
  }
  prune(bundles);
  return entry;
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

function prune(bundles: string): void {
  const old = readdirSync(bundles)
    .map((name) => ({
      path: join(bundles, name),
      at: statSync(join(bundles, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
    }))
    .sort((a, b) => b.at - a.at)
    .slice(BUNDLES_KEPT);
  for (const { path } of old) rmSync(path, { recursive: true, force: true });
}

function readText(path: string): string | null {
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}

function writeWhole(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.${process.pid}`, text, { flush: true });
  renameSync(`${path}.${process.pid}`, path);
}
