// How the bundle is served here: as wrangler.toml says, but for its files, which a worker of their own serves. A worker with
// assets is reached under wrangler through two more workers, which cost every call a tenth of its CPU; deployed, they are free.
import { writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { z } from "zod";
import { ROOT } from "./settings.ts";

const FILES = "retinue-files";
const WORKERS_OWN = "worker.json";
const OF_FILES = "files.json";

const Deployed = z.looseObject({
  compatibility_date: z.string(),
  assets: z.object({ binding: z.string(), directory: z.string() }),
});

/** The two configurations of a bundle: the worker's own comes first. */
export const localConfigs = (bundle: string): readonly string[] =>
  [WORKERS_OWN, OF_FILES].map((name) => join(bundle, name));

/** Writes them beside the bundle. */
export async function writeLocalConfigs(bundle: string): Promise<void> {
  // Only where something is built: reading it in takes longer than everything else a start does.
  const { experimental_readRawConfig } = await import("wrangler");
  const { rawConfig } = experimental_readRawConfig({ config: join(ROOT, "wrangler.toml") });
  const { assets, ...worker } = Deployed.parse(rawConfig);
  const write = (name: string, config: object): void => writeFileSync(join(bundle, name), JSON.stringify(config));
  write(WORKERS_OWN, {
    ...worker,
    main: "index.js",
    no_bundle: true,
    services: [{ binding: assets.binding, service: FILES }],
  });
  write(OF_FILES, {
    name: FILES,
    compatibility_date: worker.compatibility_date,
    assets: { directory: relative(bundle, join(ROOT, assets.directory)) },
  });
}
