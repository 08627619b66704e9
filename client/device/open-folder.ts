// Opens a folder for agents, in the strongest way the system has: from handle to handle where /proc is there, by name and
// identity elsewhere. Refuses to serve the place where this program keeps its own tokens.
import { realpath, stat } from "node:fs/promises";
import { type Folder, isWithin } from "./folder.ts";
import { openLinuxFolder } from "./linux-folder.ts";
import { openPortableFolder } from "./portable-folder.ts";

/** How to open a folder. */
export interface FolderOptions {
  /** Real paths that are not part of the folder even when they lie in it: where this program keeps its own tokens. */
  readonly hide?: readonly string[];
  /** Which way; by default the stronger one the system has. */
  readonly way?: "linux" | "portable";
}

/** Opens the folder; throws when it is not a directory or is itself a hidden place. */
export const openFolder = async (path: string, options: FolderOptions = {}): Promise<Folder> => {
  const real = await realpath(path);
  if (!(await stat(real)).isDirectory()) throw new Error(`${path} is not a directory`);
  const hide: string[] = [];
  for (const hidden of options.hide ?? []) hide.push(await realpath(hidden).catch(() => hidden));
  if (hide.some((hidden) => isWithin(hidden, real)))
    throw new Error(`${path} holds this program's own settings and cannot be connected`);
  const way = options.way ?? (process.platform === "linux" ? "linux" : "portable");
  if (way === "linux") {
    const folder = await openLinuxFolder(real, hide);
    if (folder !== null) return folder;
    if (options.way === "linux") throw new Error("/proc/self/fd is not available");
  }
  return openPortableFolder(real, hide);
};
