// The connected folder as the tools see it. Whoever gets a handle from here got it checked: it was opened first, and then
// the handle itself (not the name it was opened by) was found to lie inside. Two ways to keep that promise: linux-folder
// walks from handle to handle; portable-folder opens by name and compares identities, for systems without /proc.
// A hard link cannot be told from the file it shares: reading one reads what its owner linked into the folder. Writing
// replaces the name by rename, so the other name of a hard link keeps its old content.
import type { FileHandle } from "node:fs/promises";
import { realpath, stat } from "node:fs/promises";
import { openLinuxFolder } from "./linux-folder.ts";
import type { Guarded } from "./outcome.ts";
import { openPortableFolder } from "./portable-folder.ts";

/** A directory held open. Children are reached as `${address}/${name}`, which stays this directory even when it is renamed. */
export interface HeldDirectory {
  readonly address: string;
  /** Asks again whether the handle lies inside the folder. */
  isInside(): Promise<boolean>;
  /** Makes renames in it durable, where the system can. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** A connected folder. `path` is what the agent wrote, for messages; `parts` what partsOf made of it. */
export interface Folder {
  readonly realPath: string;
  /** A regular file, opened for reading. Symbolic links are followed as long as they stay inside. */
  openFile(path: string, parts: readonly string[]): Promise<Guarded<FileHandle>>;
  /** A directory, for listing. Symbolic links are followed as long as they stay inside. */
  openDirectory(path: string, parts: readonly string[]): Promise<Guarded<HeldDirectory>>;
  /** The directory `parts` names, for writing into it: no symbolic link on the way, missing parts are made. */
  openForWriting(path: string, parts: readonly string[]): Promise<Guarded<HeldDirectory>>;
  close(): Promise<void>;
}

/** How to open a folder. */
export interface FolderOptions {
  /** Real paths that are not part of the folder even when they lie in it: where this program keeps its own tokens. */
  readonly hide?: readonly string[];
  /** Which way; by default the stronger one the system has. */
  readonly way?: "linux" | "portable";
}

/** True when `path` is `root` or below it; a sibling with the same beginning is not. */
export const isWithin = (root: string, path: string, separator = "/"): boolean =>
  path === root || path.startsWith(root.endsWith(separator) ? root : root + separator);

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
