// Addresses that are no door. A file is answered with itself: where we are deployed it was, before anybody asked the worker. The
// console's own router reads all others, so each is answered with its page. A file that is not there is none of them: the page in
// its place would be kept by browsers, for as long as the file may be, as the file.
import type { Context } from "hono";
import { DOORS } from "./config.ts";
import type { AppEnv } from "./context.ts";
import { fileFrom } from "./services.ts";

/** The built pieces, and whatever stands at the root with an ending. */
const FILES = /^\/(?:console\/.*|[^/]+\.[^/]+)$/;

/** The file or the page, where one is to be shown; null where there is nothing. */
export const consolePage = async (c: Context<AppEnv>): Promise<Response | null> => {
  const { method, path, url, raw } = c.req;
  const isDoor = DOORS.some((door) => path === door || path.startsWith(`${door}/`));
  if ((method !== "GET" && method !== "HEAD") || isDoor) return null;
  const file = await fileFrom(c, raw);
  if (file.status !== 404) return file;
  return FILES.test(path) ? null : fileFrom(c, new Request(new URL("/", url), raw));
};
