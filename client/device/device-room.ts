// A whole device: folder, journal, executor and link, with the place on disk where it keeps its memory. One process at a
// time may be this device; a second would answer calls the first has already carried out.
import { readFile, realpath } from "node:fs/promises";
import { basename, join } from "node:path";
import { DeviceToolName } from "#schema/api/agents.ts";
import { type DeviceId, isId } from "#schema/ids.ts";
import { type HeldLock, tryLock } from "../files/lock.ts";
import { makePrivateDirectory, writePrivateFile } from "../files/private-file.ts";
import type { Http } from "../sdk/http.ts";
import { CallExecutor } from "./call-executor.ts";
import type { Folder } from "./folder.ts";
import { WriteJournal } from "./journal.ts";
import { type Owner, sha256 } from "./judge-call.ts";
import { DeviceLink } from "./link.ts";
import type { DeviceNotice } from "./notice.ts";
import { openFolder } from "./open-folder.ts";

/** What makes a device. */
export interface DeviceOptions {
  readonly http: Http;
  readonly owner: Owner;
  readonly folder: string;
  /** Where this program keeps its own files; never part of the folder. */
  readonly home: string;
  readonly name: string;
  readonly readOnly: boolean;
  readonly notice?: (notice: DeviceNotice) => void;
}

const readDeviceId = async (path: string): Promise<DeviceId | null> => {
  const text = (await readFile(path, "utf8").catch(() => "")).trim();
  return isId("device", text) ? text : null;
};

/** A device, open and ready to run. */
export class DeviceRoom {
  readonly realPath: string;
  readonly #folder: Folder;
  readonly #journal: WriteJournal;
  readonly #lock: HeldLock;
  readonly #link: DeviceLink;

  private constructor(folder: Folder, journal: WriteJournal, lock: HeldLock, link: DeviceLink) {
    this.realPath = folder.realPath;
    this.#folder = folder;
    this.#journal = journal;
    this.#lock = lock;
    this.#link = link;
  }

  /** Opens the folder and the device's memory. Throws with words for the person when it cannot be. */
  static async open(options: DeviceOptions): Promise<DeviceRoom> {
    await makePrivateDirectory(options.home);
    const folder = await openFolder(options.folder, { hide: [await realpath(options.home)] }).catch(
      (error: unknown) => {
        if (error instanceof Error && "code" in error && error.code === "ENOENT")
          throw new Error(`There is no folder ${options.folder}`);
        throw error;
      },
    );
    // The same folder for the same project at the same server is the same device again.
    const state = join(
      options.home,
      "devices",
      sha256(JSON.stringify([options.http.url, options.owner.userId, options.owner.projectId, folder.realPath])).slice(
        0,
        24,
      ),
    );
    await makePrivateDirectory(state);
    const lock = await tryLock(join(state, "lock"));
    if (!("release" in lock)) {
      await folder.close();
      throw new Error(`Process ${lock.heldBy} already connects this folder to this project`);
    }
    try {
      const journal = await WriteJournal.open(join(state, "journal.jsonl"));
      const idFile = join(state, "device-id");
      const link = new DeviceLink({
        http: options.http,
        owner: options.owner,
        executor: new CallExecutor({ folder, journal, owner: options.owner, readOnly: options.readOnly }),
        hello: {
          name: options.name,
          folder: (basename(folder.realPath) || "/").slice(0, 255),
          tools: options.readOnly
            ? DeviceToolName.options.filter((tool) => tool !== "write_file")
            : [...DeviceToolName.options],
          read_only: options.readOnly,
        },
        deviceId: await readDeviceId(idFile),
        onDeviceId: (id) => writePrivateFile(idFile, `${id}\n`),
        ...(options.notice === undefined ? {} : { notice: options.notice }),
      });
      return new DeviceRoom(folder, journal, lock, link);
    } catch (error) {
      await lock.release();
      await folder.close();
      throw error;
    }
  }

  /** Serves until the signal fires; see DeviceLink.run for what it throws. */
  run(signal: AbortSignal): Promise<void> {
    return this.#link.run(signal);
  }

  async close(): Promise<void> {
    await this.#journal.close();
    await this.#lock.release();
    await this.#folder.close();
  }
}
