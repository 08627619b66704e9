// The signing keys of an installation that was given none: made once, kept in STATE_DIR/secrets.json, readable by its owner only.
import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** AUTH_KEYS of this state directory, as the worker takes them. The file appears whole or not at all. */
export function authKeys(stateDir: string): string {
  const path = join(stateDir, "secrets.json");
  const known = readKeys(path);
  if (known !== null) return known;
  const kid = `k-${randomBytes(4).toString("hex")}`;
  const keys = [{ kid, secret: randomBytes(32).toString("base64url") }];
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify({ AUTH_KEYS: keys }, null, 2)}\n`, { mode: 0o600, flush: true });
  try {
    linkSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
  return JSON.stringify(keys);
}

function readKeys(path: string): string | null {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== "object" || parsed === null || !("AUTH_KEYS" in parsed))
    throw new Error(`${path} holds no AUTH_KEYS.`);
  return JSON.stringify(parsed.AUTH_KEYS);
}
