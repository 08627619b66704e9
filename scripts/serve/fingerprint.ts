// Content hashes of files, to know whether something built from them is still fresh.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join, relative } from "node:path";

/** Every file under `path` (or `path` itself), sorted; nothing when it does not exist. */
export function filesUnder(path: string): string[] {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** SHA-256 over names and contents, the names relative to `base`. */
export function fingerprint(base: string, files: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of files) {
    const content = readFileSync(file);
    hash.update(`${relative(base, file)}\0${content.byteLength}\0`).update(content);
  }
  return hash.digest("hex");
}

/** Removes all but the newest `count` entries of a directory of builds. */
export function keepNewest(directory: string, count: number): void {
  const old = readdirSync(directory)
    .map((name) => ({
      path: join(directory, name),
      at: statSync(join(directory, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
    }))
    .sort((a, b) => b.at - a.at)
    .slice(count);
  for (const { path } of old) rmSync(path, { recursive: true, force: true });
}
