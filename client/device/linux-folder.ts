// The folder on Linux: a walk from handle to handle, one name at a time, each opened through its parent's handle
// (/proc/self/fd/N/name) with O_PATH | O_NOFOLLOW. The kernel never follows a link for us; links are read and walked by the
// same rules. So nothing outside is ever opened, not even to look at it, and a directory swapped for a link in between is
// either the old directory or a link that is refused. O_PATH opens no device and waits for no FIFO.
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readlink } from "node:fs/promises";
import { ok } from "#schema/result.ts";
import { type Folder, type HeldDirectory, isWithin } from "./folder.ts";
import { deny, denyError, type Guarded, isCode } from "./outcome.ts";

// Not among Node's constants; the same on every Linux architecture Node runs on.
const O_PATH = 0o10000000;
const MAX_HOPS = 40;

const address = (handle: FileHandle): string => `/proc/self/fd/${handle.fd}`;
const held = (path: string): Promise<FileHandle> => open(path, O_PATH | constants.O_NOFOLLOW);

const closeAll = async (handles: readonly FileHandle[]): Promise<void> => {
  for (const handle of handles) await handle.close().catch(() => {});
};

class LinuxFolder implements Folder {
  readonly realPath: string;
  readonly #root: FileHandle;
  readonly #hide: readonly string[];

  constructor(realPath: string, root: FileHandle, hide: readonly string[]) {
    this.realPath = realPath;
    this.#root = root;
    this.#hide = hide;
  }

  async openFile(path: string, parts: readonly string[]): Promise<Guarded<FileHandle>> {
    const found = await this.#walk(path, parts, "follow");
    if (!found.ok) return found;
    const handle = found.value;
    try {
      if (!(await handle.stat()).isFile()) return deny("not_a_file", `${JSON.stringify(path)} is not a regular file`);
      // The handle's own address: the very file that was checked, whatever its name means by now.
      return ok(await open(address(handle), constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY));
    } catch (error) {
      return denyError(error, path);
    } finally {
      await handle.close();
    }
  }

  async openDirectory(path: string, parts: readonly string[]): Promise<Guarded<HeldDirectory>> {
    return this.#hold(path, await this.#walk(path, parts, "follow"));
  }

  async openForWriting(path: string, parts: readonly string[]): Promise<Guarded<HeldDirectory>> {
    return this.#hold(path, await this.#walk(path, parts, "create"));
  }

  async close(): Promise<void> {
    await this.#root.close();
  }

  async #hold(path: string, found: Guarded<FileHandle>): Promise<Guarded<HeldDirectory>> {
    if (!found.ok) return found;
    const handle = found.value;
    if (!(await handle.stat()).isDirectory()) {
      await handle.close();
      return deny("not_a_directory", `${JSON.stringify(path)} is not a directory`);
    }
    return ok({
      address: address(handle),
      isInside: () => this.#isInside(handle),
      sync: async () => {
        let directory: FileHandle | null = null;
        try {
          directory = await open(address(handle), constants.O_RDONLY | constants.O_DIRECTORY);
          await directory.sync();
        } catch (error) {
          // A directory that may be written but not read, or a file system without this: nothing more can be promised.
          if (!isCode(error, "EACCES", "EINVAL", "ENOTSUP", "EPERM", "EROFS")) throw error;
        } finally {
          await directory?.close();
        }
      },
      close: () => handle.close(),
    });
  }

  /** The handle's real path against the folder's real path, both as they are now. */
  async #isInside(handle: FileHandle): Promise<boolean> {
    const [root, real] = await Promise.all([readlink(address(this.#root)), readlink(address(handle))]);
    return isWithin(root, real) && !this.#hide.some((hidden) => isWithin(hidden, real));
  }

  async #walk(path: string, parts: readonly string[], mode: "follow" | "create"): Promise<Guarded<FileHandle>> {
    const trail: FileHandle[] = [];
    const pending = [...parts];
    const outside = () => deny("outside_folder", `${JSON.stringify(path)} leads out of the connected folder`);
    let hops = 0;
    try {
      for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
        if (name === "" || name === ".") continue;
        if (name === "..") {
          // Only a link's target can still hold these; above the folder there is nothing to go to.
          const left = trail.pop();
          if (left === undefined) return outside();
          await left.close();
          continue;
        }
        const parent = trail.at(-1) ?? this.#root;
        const here = address(parent);
        const next = await this.#step(parent, name, mode);
        if (next === null) return outside();
        const kind = await next.stat();
        if (!kind.isSymbolicLink()) {
          trail.push(next);
          if (pending.length > 0 && !kind.isDirectory())
            return deny("not_a_directory", `A part of ${JSON.stringify(path)} is not a directory`);
          continue;
        }
        await next.close();
        if (mode === "create")
          return deny(
            "symlink",
            `${JSON.stringify(path)} leads through a symbolic link; writing does not follow links`,
          );
        if (++hops > MAX_HOPS) return deny("bad_path", `${JSON.stringify(path)} leads through too many symbolic links`);
        const target = await this.#target(here, name);
        if (target === null) pending.unshift(name);
        else if (!target.startsWith("/")) pending.unshift(...target.split("/"));
        else {
          const root = await readlink(address(this.#root));
          if (!isWithin(root, target)) return outside();
          await closeAll(trail.splice(0));
          pending.unshift(...target.slice(root.length).split("/"));
        }
      }
      // The folder itself is handed out as its own handle, so that whoever closes it does not close the root.
      const found = trail.pop() ?? (await held(`${address(this.#root)}/.`));
      if (await this.#isInside(found)) return ok(found);
      await found.close();
      return outside();
    } catch (error) {
      return denyError(error, path);
    } finally {
      await closeAll(trail);
    }
  }

  /** Opens one name in its parent, making a directory of it if asked; null when the parent has left the folder meanwhile. */
  async #step(parent: FileHandle, name: string, mode: "follow" | "create"): Promise<FileHandle | null> {
    const here = address(parent);
    try {
      return await held(`${here}/${name}`);
    } catch (error) {
      if (mode !== "create" || !isCode(error, "ENOENT")) throw error;
    }
    if (!(await this.#isInside(parent))) return null;
    await mkdir(`${here}/${name}`).catch((error: unknown) => {
      if (!isCode(error, "EEXIST")) throw error;
    });
    return held(`${here}/${name}`);
  }

  /** A link's target; null when it stopped being a link in between, and has to be looked at again. */
  async #target(here: string, name: string): Promise<string | null> {
    try {
      return await readlink(`${here}/${name}`);
    } catch (error) {
      if (isCode(error, "EINVAL")) return null;
      throw error;
    }
  }
}

/** Opens the folder this way; null where /proc is not there to lean on. */
export const openLinuxFolder = async (realPath: string, hide: readonly string[]): Promise<Folder | null> => {
  const root = await open(realPath, O_PATH | constants.O_NOFOLLOW | constants.O_DIRECTORY);
  const there = await readlink(address(root)).catch(() => null);
  if (there === realPath) return new LinuxFolder(realPath, root, hide);
  await root.close();
  return null;
};
