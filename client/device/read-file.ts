// read_file: a text file's whole content. Reads from the checked handle only, at most one byte more than the cap, so a file
// that grows, lies about its size or never ends cannot fill the memory.
import type { FileHandle } from "node:fs/promises";
import { TOOL_LIMITS } from "#schema/frames.ts";
import type { Folder } from "./folder.ts";
import { denyError, failed, type Outcome, succeeded } from "./outcome.ts";
import { partsOf } from "./relative-path.ts";
import { keptForItself } from "./temporary-name.ts";

/** Reads at most `cap` bytes; null when there is more. */
export const readCapped = async (handle: FileHandle, cap: number): Promise<Buffer | null> => {
  const chunks: Buffer[] = [];
  let size = 0;
  while (size <= cap) {
    const chunk = Buffer.alloc(Math.min(65_536, cap + 1 - size));
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, null);
    if (bytesRead === 0) return Buffer.concat(chunks, size);
    chunks.push(chunk.subarray(0, bytesRead));
    size += bytesRead;
  }
  return null;
};

/** Executes read_file. */
export const readFile = async (folder: Folder, path: string): Promise<Outcome> => {
  const parts = partsOf(path);
  if (!parts.ok) return failed(parts.refusal);
  const own = keptForItself(path, parts.value);
  if (own !== null) return failed(own);
  const opened = await folder.openFile(path, parts.value);
  if (!opened.ok) return failed(opened.refusal);
  try {
    const bytes = await readCapped(opened.value, TOOL_LIMITS.readBytes);
    if (bytes === null)
      return failed({
        code: "too_large",
        message: `${JSON.stringify(path)} is larger than ${TOOL_LIMITS.readBytes} bytes`,
      });
    if (bytes.includes(0)) return failed({ code: "not_text", message: `${JSON.stringify(path)} is not a text file` });
    return succeeded(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    if (error instanceof TypeError)
      return failed({ code: "not_text", message: `${JSON.stringify(path)} is not a UTF-8 text file` });
    return failed(denyError(error, path).refusal);
  } finally {
    await opened.value.close();
  }
};
