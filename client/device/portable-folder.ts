// The folder on systems without handle addresses (macOS, BSD, Windows): open by name without following a last link, then
// find out which file the handle is. The name's real path must lie inside and be the same device and inode as the handle.
// These are two looks, and a swap can fall between them, so they are repeated: to get out, somebody with access to the
// folder would have to swap in step with every single look. Weaker than linux-folder: a listing that races with swaps can
// show names or sizes of the other directory, and a temporary file can be made there, empty; no content is written before
// the check, nothing there is renamed or replaced.
import { constants } from "node:fs";
import { type FileHandle, lstat, mkdir, open, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { ok } from "#schema/result.ts";
import { type Folder, type HeldDirectory, isWithin, type MadeFile } from "./folder.ts";
import { deny, denyError, type Guarded, isCode } from "./outcome.ts";

const LOOKS = 12;
const FLAGS =
  constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

/** Which file something is, whatever it is called. */
interface Identity {
  readonly dev: bigint;
  readonly ino: bigint;
}

const isSame = (one: Identity, other: Identity): boolean => one.dev === other.dev && one.ino === other.ino;

class PortableFolder implements Folder {
  readonly realPath: string;
  readonly #hide: readonly string[];

  constructor(realPath: string, hide: readonly string[]) {
    this.realPath = realPath;
    this.#hide = hide;
  }

  async openFile(path: string, parts: readonly string[]): Promise<Guarded<FileHandle>> {
    let handle: FileHandle | null = null;
    try {
      const real = await realpath(join(this.realPath, ...parts));
      if (!this.#holds(real)) return this.#outside(path);
      // Looked at by name first, so that devices and FIFOs are normally not even opened.
      if (!(await lstat(real)).isFile()) return deny("not_a_file", `${JSON.stringify(path)} is not a regular file`);
      handle = await open(real, FLAGS);
      const opened = await handle.stat({ bigint: true });
      if (!opened.isFile()) return deny("not_a_file", `${JSON.stringify(path)} is not a regular file`);
      if (!(await this.#isStill(real, opened))) return this.#outside(path);
      const good = handle;
      handle = null;
      return ok(good);
    } catch (error) {
      return denyError(error, path);
    } finally {
      await handle?.close();
    }
  }

  async openDirectory(path: string, parts: readonly string[]): Promise<Guarded<HeldDirectory>> {
    try {
      const real = await realpath(join(this.realPath, ...parts));
      if (!this.#holds(real)) return this.#outside(path);
      return await this.#hold(path, real);
    } catch (error) {
      return denyError(error, path);
    }
  }

  async openForWriting(path: string, parts: readonly string[]): Promise<Guarded<HeldDirectory>> {
    try {
      let here = this.realPath;
      for (const part of parts) {
        here = join(here, part);
        await mkdir(here).catch((error: unknown) => {
          if (!isCode(error, "EEXIST")) throw error;
        });
        const kind = await lstat(here);
        if (kind.isSymbolicLink())
          return deny(
            "symlink",
            `${JSON.stringify(path)} leads through a symbolic link; writing does not follow links`,
          );
        if (!kind.isDirectory()) return deny("not_a_directory", `A part of ${JSON.stringify(path)} is not a directory`);
        if (!this.#holds(await realpath(here))) return this.#outside(path);
      }
      return await this.#hold(path, here);
    } catch (error) {
      return denyError(error, path);
    }
  }

  async close(): Promise<void> {}

  async #hold(path: string, real: string): Promise<Guarded<HeldDirectory>> {
    const seen = await lstat(real, { bigint: true });
    if (!seen.isDirectory()) return deny("not_a_directory", `${JSON.stringify(path)} is not a directory`);
    if (!(await this.#isStill(real, seen))) return this.#outside(path);
    return ok({
      address: real,
      isInside: (made) => this.#isStill(real, seen, made),
      sync: async () => {},
      close: async () => {},
    });
  }

  #outside(path: string) {
    return deny("outside_folder", `${JSON.stringify(path)} leads out of the connected folder`);
  }

  #holds(real: string): boolean {
    return isWithin(this.realPath, real, sep) && !this.#hide.some((hidden) => isWithin(hidden, real, sep));
  }

  /** The name still is its own real path, inside, and the thing that was seen; and what was made in it is there. */
  async #isStill(real: string, seen: Identity, made?: MadeFile): Promise<boolean> {
    for (let look = 0; look < LOOKS; look++) if (!(await this.#isNow(real, seen, made))) return false;
    return true;
  }

  // A directory that is in its place again says nothing of where a file went that was made while it was not: the file is looked
  // for beside it, in every look.
  async #isNow(real: string, seen: Identity, made: MadeFile | undefined): Promise<boolean> {
    try {
      const now = await lstat(real, { bigint: true });
      const isThere = (await realpath(real)) === real && this.#holds(real) && isSame(now, seen);
      return isThere && (made === undefined || isSame(await lstat(join(real, made.name), { bigint: true }), made));
    } catch (error) {
      if (isCode(error, "ENOENT", "ENOTDIR", "ELOOP")) return false;
      throw error;
    }
  }
}

/** Opens the folder this way. */
export const openPortableFolder = (realPath: string, hide: readonly string[]): Folder =>
  new PortableFolder(realPath, hide);
