// write_file: the whole new content, beside the target and then renamed over it. A reader sees the old file or the new one,
// never half; a link at the target's place is refused, and if one is put there at the last moment the rename replaces the
// link, not what it points to. Rename also leaves the other names of a hard-linked file untouched.
import { constants } from "node:fs";
import { type FileHandle, lstat, open, rename, unlink } from "node:fs/promises";
import { basename } from "node:path";
import { TOOL_LIMITS } from "#schema/frames.ts";
import { ok } from "#schema/result.ts";
import type { Folder, HeldDirectory } from "./folder.ts";
import { deny, denyError, failed, type Guarded, isCode, type Outcome, succeeded } from "./outcome.ts";
import { partsOf } from "./relative-path.ts";
import { keptForItself, temporaryName } from "./temporary-name.ts";

/** One write: which call asks for it, where, what, and whom to tell before it becomes visible. */
export interface Write {
  readonly callId: string;
  readonly path: string;
  readonly content: string;
  /** Called when the content is durable beside the target; the rename happens only after this resolved. */
  readonly staged: () => Promise<void>;
}

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
const notInside = (path: string) => deny("outside_folder", `${JSON.stringify(path)} leads out of the connected folder`);

/** The mode of the file to be replaced; null when there is none. */
const modeOf = async (target: string, path: string): Promise<Guarded<number | null>> => {
  try {
    const stat = await lstat(target);
    if (stat.isFile()) return ok(stat.mode & 0o777);
    if (stat.isSymbolicLink())
      return deny("symlink", `${JSON.stringify(path)} is a symbolic link; writing does not follow links`);
    return deny("not_a_file", `${JSON.stringify(path)} is not a regular file`);
  } catch (error) {
    return isCode(error, "ENOENT") ? ok(null) : denyError(error, path);
  }
};

const create = async (temporary: string): Promise<FileHandle> => {
  try {
    return await open(temporary, NEW_FILE, 0o666);
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error;
  }
  // Left by this same call when the device was killed before its rename; unlink removes a link itself, never its target.
  await unlink(temporary);
  return open(temporary, NEW_FILE, 0o666);
};

const stage = async (
  directory: HeldDirectory,
  temporary: string,
  bytes: Buffer,
  mode: number | null,
  path: string,
): Promise<Guarded<true>> => {
  const file = await create(temporary);
  try {
    // Nothing of the content before it is known where the file lies.
    const { dev, ino } = await file.stat({ bigint: true });
    if (!(await directory.isInside({ name: basename(temporary), dev, ino }))) return notInside(path);
    if (mode !== null) await file.chmod(mode);
    await file.writeFile(bytes);
    await file.sync();
    return ok(true);
  } finally {
    await file.close();
  }
};

/** Executes write_file. */
export const writeFile = async (folder: Folder, write: Write): Promise<Outcome> => {
  const { path } = write;
  const parts = partsOf(path);
  if (!parts.ok) return failed(parts.refusal);
  const name = parts.value.at(-1);
  if (name === undefined || path.endsWith("/"))
    return failed({ code: "not_a_file", message: `${JSON.stringify(path)} names a directory` });
  const own = keptForItself(path, parts.value);
  if (own !== null) return failed(own);
  if (!write.content.isWellFormed())
    return failed({ code: "not_text", message: "The content is not well-formed text" });
  const bytes = Buffer.from(write.content);
  if (bytes.length > TOOL_LIMITS.writeBytes)
    return failed({ code: "too_large", message: `The content is larger than ${TOOL_LIMITS.writeBytes} bytes` });

  const opened = await folder.openForWriting(path, parts.value.slice(0, -1));
  if (!opened.ok) return failed(opened.refusal);
  const directory = opened.value;
  const target = `${directory.address}/${name}`;
  const temporary = `${directory.address}/${temporaryName(write.callId)}`;
  let renamed = false;
  try {
    const mode = await modeOf(target, path);
    if (!mode.ok) return failed(mode.refusal);
    const staged = await stage(directory, temporary, bytes, mode.value, path);
    if (staged.ok) {
      await directory.sync();
      await write.staged();
    }
    if (!staged.ok || !(await directory.isInside())) {
      await unlink(temporary).catch(() => {});
      return failed(staged.ok ? notInside(path).refusal : staged.refusal);
    }
    await rename(temporary, target);
    renamed = true;
    await directory.sync();
    return succeeded(`Wrote ${bytes.length} bytes to ${parts.value.join("/")}`);
  } catch (error) {
    if (renamed)
      return {
        status: "indeterminate",
        message: `${JSON.stringify(path)} was written, but the disk did not confirm it`,
      };
    await unlink(temporary).catch(() => {});
    return failed(denyError(error, path).refusal);
  } finally {
    await directory.close();
  }
};
