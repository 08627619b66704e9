// The session's hands in a real browser: the lock over its tabs, the channel between them, and one bit of memory.
import { browser } from "#client/sdk/accounts.ts";
import { Http } from "#client/sdk/http.ts";
import { BrowserSession, type TabNotice } from "./browser-session.ts";

const LOCK = "retinue.session";
const MEMORY = "retinue.signed-in";

/** Calls before anybody is signed in. */
export const open = new Http({ url: location.origin });

const channel = new BroadcastChannel("retinue.session");

const isNotice = (data: unknown): data is TabNotice => typeof data === "object" && data !== null && "kind" in data;

/** This page's session. */
export const session = new BrowserSession({
  renew: () => browser.renew(open),
  // Over plain http from another machine there are no locks; the server's ten seconds' grace stands in for them.
  alone: (work) => ("locks" in navigator ? navigator.locks.request(LOCK, work) : work()),
  tell: (notice) => channel.postMessage(notice),
  memory: {
    get: () => localStorage.getItem(MEMORY) === "yes",
    set: (signedIn) => (signedIn ? localStorage.setItem(MEMORY, "yes") : localStorage.removeItem(MEMORY)),
  },
  now: Date.now,
});

channel.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
  if (isNotice(data)) session.heard(data);
});
