// What became of a write that was interrupted by a crash. Decided by its last mark and by what lies on the disk:
//   the target holds exactly the content            -> it is written
//   marked started                                  -> the rename comes after the next mark, so it has not happened: do it now
//   marked staged, the temporary file still there   -> the rename would have taken it away, so it has not happened: do it now
//   marked staged, no temporary file, other content -> the rename may have happened and somebody changed the file since: a
//                                                      person must look; never written again
import { lstat } from "node:fs/promises";
import { TOOL_LIMITS } from "#schema/frames.ts";
import type { Folder } from "./folder.ts";
import type { WriteRecord } from "./journal.ts";
import { sha256 } from "./judge-call.ts";
import { isCode, type Outcome, succeeded } from "./outcome.ts";
import { readCapped } from "./read-file.ts";
import { partsOf } from "./relative-path.ts";
import { temporaryName } from "./temporary-name.ts";

const contentHash = async (folder: Folder, path: string, parts: readonly string[]): Promise<string | null> => {
  const opened = await folder.openFile(path, parts);
  if (!opened.ok) return null;
  try {
    const bytes = await readCapped(opened.value, TOOL_LIMITS.writeBytes);
    return bytes === null ? null : sha256(bytes);
  } finally {
    await opened.value.close();
  }
};

const isStaged = async (folder: Folder, callId: string, path: string, parts: readonly string[]): Promise<boolean> => {
  const directory = await folder.openDirectory(path, parts.slice(0, -1));
  if (!directory.ok) return false;
  try {
    return (await lstat(`${directory.value.address}/${temporaryName(callId)}`)).isFile();
  } catch (error) {
    if (isCode(error, "ENOENT")) return false;
    throw error;
  } finally {
    await directory.value.close();
  }
};

/** The outcome of an interrupted write, or "again" when it certainly did not happen. */
export const recoverWrite = async (
  folder: Folder,
  callId: string,
  path: string,
  record: WriteRecord,
): Promise<Outcome | "again"> => {
  if (record.state.mark === "done") return record.state.outcome;
  const parts = partsOf(path);
  if (!parts.ok) return "again";
  if ((await contentHash(folder, path, parts.value)) === record.contentHash)
    return succeeded(`Wrote ${parts.value.join("/")} (found in place after an interruption)`);
  if (record.state.mark === "started" || (await isStaged(folder, callId, path, parts.value))) return "again";
  return {
    status: "indeterminate",
    message: `The device was interrupted while writing ${JSON.stringify(path)}; the file now differs from what was to be written`,
  };
};
