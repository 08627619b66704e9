// A browser's refresh token: in a cookie that no script reads, that goes to the sign-in doors alone and never along with
// another site's request. Whoever uses or receives it must besides be one of our own pages: SameSite does not tell ports of
// one host apart, nor keep a page from signing its visitor in as somebody else.
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { REFRESH_LIFE_MS } from "#domain/auth/refresh.ts";
import type { AppEnv } from "./context.ts";
import { refuseRequest } from "./errors.ts";

/** The header our pages send; another site's page could not without being asked first, and there is no CORS to let it. */
export const CLIENT_HEADER = "x-retinue-client";

const PATH = "/api/v1/auth";

/** Cookies do not tell ports apart: two installations on one host have a name each. */
const placeOf = (c: Context<AppEnv>): { readonly name: string; readonly secure: boolean } => {
  const { protocol, port } = new URL(c.req.url);
  const secure = protocol === "https:";
  return { name: `${secure ? "__Secure-" : ""}retinue_refresh${port === "" ? "" : `_${port}`}`, secure };
};

/** Refuses everything that is not one of our own pages. A request that does not say where it comes from is none. */
export const ownPagesOnly = (c: Context<AppEnv>): void => {
  const site = c.req.header("sec-fetch-site");
  const own = site === undefined ? c.req.header("origin") === new URL(c.req.url).origin : site === "same-origin";
  if (!own || c.req.header(CLIENT_HEADER) === undefined) refuseRequest("cross_site");
};

/** The refresh token this browser keeps. */
export const keptToken = (c: Context<AppEnv>): string | undefined => getCookie(c, placeOf(c).name);

/** Has the browser keep it. */
export const keepToken = (c: Context<AppEnv>, token: string): void => {
  const { name, secure } = placeOf(c);
  setCookie(c, name, token, { httpOnly: true, secure, sameSite: "Strict", path: PATH, maxAge: REFRESH_LIFE_MS / 1000 });
};

/** Has the browser forget it. */
export const forgetToken = (c: Context<AppEnv>): void => {
  const { name, secure } = placeOf(c);
  if (keptToken(c) !== undefined) deleteCookie(c, name, { secure, path: PATH });
};
