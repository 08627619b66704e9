// The server's half of the path check: a path that plainly leads out of the user's folder is refused before any device hears
// of it. It is the smaller half: only the device can see links and swaps, and the device decides.

/** Why a path is refused as text, or null when it may be asked of a device. Percent signs and dots in names mean nothing here. */
export const pathProblem = (path: string): string | null => {
  if (path.includes("\0")) return "a path cannot contain a NUL character";
  if (path.startsWith("/") || path.startsWith("\\") || /^[A-Za-z]:[\\/]/.test(path))
    return "the path must be relative to the user's folder";
  let depth = 0;
  for (const part of path.split("/")) {
    if (part === "..") depth -= 1;
    else if (part !== "" && part !== ".") depth += 1;
    if (depth < 0) return "the path leads out of the user's folder";
  }
  return null;
};
