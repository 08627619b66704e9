// The table of refusals against the sources: what is promised is also said somewhere.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { REFUSALS } from "#schema/errors.ts";

const ROOT = resolve(import.meta.dirname, "../..");

const text = ["domain", "adapters", "durable-objects", "workers"]
  .flatMap((room) =>
    readdirSync(join(ROOT, room), { recursive: true, encoding: "utf8" }).map((name) => join(room, name)),
  )
  .filter((name) => name.endsWith(".ts"))
  .map((name) => readFileSync(join(ROOT, name), "utf8"))
  .join("\n");

/** Where a refusal is made, as against where a route lists it for its contract. */
const made = new Set(
  [...text.matchAll(/(?:\b(?:refuse|refuseRequest)\(|\bcode:)\s*"([a-z_]+)"/g)].map(([, code]) => code),
);

it.each(Object.keys(REFUSALS))("%s is a refusal that somebody can be given", (code) => {
  expect([...made]).toContain(code);
});
