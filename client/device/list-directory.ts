// list_directory: what a directory holds, as one JSON document {path, entries: [{name, kind, size}], truncated}. JSON and not
// lines, because a file name may hold a line break. Links are named as links and not looked through.
import { lstat, opendir } from "node:fs/promises";
import { TOOL_LIMITS } from "#schema/frames.ts";
import type { Folder } from "./folder.ts";
import { denyError, failed, isCode, type Outcome, succeeded } from "./outcome.ts";
import { partsOf } from "./relative-path.ts";
import { isTemporary } from "./temporary-name.ts";

/** One entry of a listing. `size` is null for what is not a regular file. */
export interface ListedEntry {
  readonly name: string;
  readonly kind: "file" | "directory" | "symlink" | "other";
  readonly size: number | null;
}

// A directory of millions is not sorted as a whole: what was met first is sorted and shown, with the mark.
const MOST_READ = 20_000;

const look = async (address: string, name: string): Promise<ListedEntry | null> => {
  try {
    const stat = await lstat(`${address}/${name}`);
    const kind = stat.isFile()
      ? "file"
      : stat.isDirectory()
        ? "directory"
        : stat.isSymbolicLink()
          ? "symlink"
          : "other";
    return { name, kind, size: kind === "file" ? stat.size : null };
  } catch (error) {
    if (isCode(error, "ENOENT")) return null;
    return { name, kind: "other", size: null };
  }
};

const namesIn = async (address: string): Promise<{ readonly names: string[]; readonly all: boolean }> => {
  const names: string[] = [];
  for await (const entry of await opendir(address, { bufferSize: 256 })) {
    if (names.length >= MOST_READ) return { names, all: false };
    if (!isTemporary(entry.name)) names.push(entry.name);
  }
  return { names, all: true };
};

/** Executes list_directory. */
export const listDirectory = async (folder: Folder, path: string): Promise<Outcome> => {
  const parts = partsOf(path);
  if (!parts.ok) return failed(parts.refusal);
  const opened = await folder.openDirectory(path, parts.value);
  if (!opened.ok) return failed(opened.refusal);
  const directory = opened.value;
  try {
    const { names, all } = await namesIn(directory.address);
    const shown = names.sort((a, b) => (a < b ? -1 : 1)).slice(0, TOOL_LIMITS.listEntries);
    const entries: ListedEntry[] = [];
    for (const name of shown) {
      const entry = await look(directory.address, name);
      if (entry !== null) entries.push(entry);
    }
    // Where the directory is held by name only, a swap during the listing shows here, before anything is told.
    if (!(await directory.isInside()))
      return failed({ code: "outside_folder", message: `${JSON.stringify(path)} leads out of the connected folder` });
    const truncated = !all || names.length > shown.length;
    return succeeded(JSON.stringify({ path: parts.value.join("/") || ".", entries, truncated }), truncated);
  } catch (error) {
    return failed(denyError(error, path).refusal);
  } finally {
    await directory.close();
  }
};
