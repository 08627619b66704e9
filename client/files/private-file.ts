// A small file of our own: readable by its owner only, replaced as a whole, so that no reader and no crash meets half of it.
import { mkdir, open, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";

/** Makes a directory only its owner can enter; an existing one is left as it is. */
export const makePrivateDirectory = async (path: string): Promise<void> => {
  await mkdir(path, { recursive: true, mode: 0o700 });
};

/** Writes the file beside its place and renames it there. */
export const writePrivateFile = async (path: string, content: string): Promise<void> => {
  await makePrivateDirectory(dirname(path));
  const temporary = `${path}.${crypto.randomUUID()}`;
  try {
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw error;
  }
};
