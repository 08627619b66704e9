// The connected folder as the tools see it. Whoever gets a handle from here got it checked: it was opened first, and then
// the handle itself (not the name it was opened by) was found to lie inside. Two ways to keep that promise: linux-folder
// walks from handle to handle; portable-folder opens by name and compares identities, for systems without /proc.
// A hard link cannot be told from the file it shares: reading one reads what its owner linked into the folder. Writing
// replaces the name by rename, so the other name of a hard link keeps its old content.
import type { FileHandle } from "node:fs/promises";
import type { Guarded } from "./outcome.ts";

/** A file as its own handle knows it, and the name it was made under. */
export interface MadeFile {
  readonly name: string;
  readonly dev: bigint;
  readonly ino: bigint;
}

/** A directory held open. Children are reached as `${address}/${name}`, which stays this directory even when it is renamed. */
export interface HeldDirectory {
  readonly address: string;
  /** Asks again whether the handle lies inside the folder, and whether a file that was made in it by its name lies in it. */
  isInside(made?: MadeFile): Promise<boolean>;
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

/** True when `path` is `root` or below it; a sibling with the same beginning is not. */
export const isWithin = (root: string, path: string, separator = "/"): boolean =>
  path === root || path.startsWith(root.endsWith(separator) ? root : root + separator);
