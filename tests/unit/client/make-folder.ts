// A folder with something secret beside it, for tests that try to get out.
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** What must never be read or changed. */
export const SECRET = "the neighbour's secret";

/** Makes `<base>/proj`, its sibling `<base>/proj-evil/secret.txt` and `<base>/outside/secret.txt`; gone after the test. */
export const makeFolder = async () => {
  const base = await realpath(await mkdtemp(join(tmpdir(), "retinue-guard-")));
  onTestFinished(() => rm(base, { recursive: true, force: true }));
  const proj = join(base, "proj");
  const outside = join(base, "outside");
  await mkdir(join(proj, "src"), { recursive: true });
  await mkdir(join(base, "proj-evil"));
  await mkdir(outside);
  await writeFile(join(base, "proj-evil", "secret.txt"), SECRET);
  await writeFile(join(outside, "secret.txt"), SECRET);
  await writeFile(join(proj, "README.md"), "# Hello\n");
  await writeFile(join(proj, "src", "main.ts"), "export {};\n");
  return { base, proj, outside };
};
