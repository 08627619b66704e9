// A path as an agent may write it: relative, inside the folder by its own words. Text only, no disk: what the parts really
// are is the guard's matter. Nothing is decoded: `%2e%2e` is a file with that name.
import { TOOL_LIMITS } from "#schema/frames.ts";
import { ok } from "#schema/result.ts";
import { deny, type Guarded } from "./outcome.ts";

const WINDOWS_RESERVED = /^(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(\..*)?$/i;

const impossibleOnWindows = (part: string): boolean =>
  /[\\:<>"|?*]/.test(part) || /[. ]$/.test(part) || WINDOWS_RESERVED.test(part);

/** The path's parts; empty for the folder itself. `..` is resolved here, so it never reaches the system, and never climbs out. */
export const partsOf = (path: string, platform: NodeJS.Platform = process.platform): Guarded<readonly string[]> => {
  const name = JSON.stringify(path);
  if (path.includes("\0") || !path.isWellFormed()) return deny("bad_path", `${name} is not a possible file name`);
  if (Buffer.byteLength(path) > TOOL_LIMITS.pathBytes)
    return deny("bad_path", `The path is longer than ${TOOL_LIMITS.pathBytes} bytes`);
  if (path.startsWith("/") || (platform === "win32" && /^([a-z]:|\\)/i.test(path)))
    return deny("outside_folder", `${name} is absolute; paths are relative to the connected folder`);
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      if (parts.pop() === undefined) return deny("outside_folder", `${name} leads out of the connected folder`);
    } else if (platform === "win32" && impossibleOnWindows(part))
      return deny("bad_path", `${name} is not a possible file name here`);
    else parts.push(part);
  }
  return ok(parts);
};
