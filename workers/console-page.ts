// Addresses that are no door and no file: the console's own router reads them, so each is answered with its page. A file that is
// not there is none of them. The page in its place would be kept by browsers, for as long as the file may be, as the file.
import type { Context } from "hono";
import { DOORS } from "./config.ts";
import type { AppEnv } from "./context.ts";
import { fileFrom } from "./services.ts";

/** The built pieces, and whatever stands at the root with an ending. */
const FILES = /^\/(?:console\/.*|[^/]+\.[^/]+)$/;

/** The page, where it is to be shown; null where there is nothing. */
export const consolePage = (c: Context<AppEnv>): Promise<Response> | null => {
  const { method, path, url } = c.req;
  const isDoor = DOORS.some((door) => path === door || path.startsWith(`${door}/`));
  if ((method !== "GET" && method !== "HEAD") || isDoor || FILES.test(path)) return null;
  return fileFrom(c, new Request(new URL("/", url), c.req.raw));
};
