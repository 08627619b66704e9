// The lock of the packages, as a clean clone meets it: npm refuses to install from one that leaves a package out, and where
// node_modules is there already nobody notices.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as z from "zod";

const entry = z.object({
  dependencies: z.record(z.string(), z.string()).optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
});

const { packages } = z
  .object({ packages: z.record(z.string(), entry) })
  .parse(JSON.parse(readFileSync(new URL("../../package-lock.json", import.meta.url), "utf8")));

/** The places where Node looks for a package that is asked for at `place`, nearest first. */
function lookups(place: string, name: string): string[] {
  const found: string[] = [];
  for (let at = place; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    found.push(`${at === "" ? "" : `${at}/`}node_modules/${name}`);
    if (at === "") return found;
  }
}

test("every package that another asks for has an entry, those for other platforms too", () => {
  const missing = Object.entries(packages).flatMap(([place, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => lookups(place, name).every((at) => !Object.hasOwn(packages, at)))
      .map((name) => `${place || "package.json"} asks for ${name}`),
  );
  expect(missing).toEqual([]);
});
