// A new version of the console was put in place of the one this page came from: pieces that were not fetched before are gone. The
// page is loaded anew by itself only where it is being left anyway; wherever somebody may be typing, they are asked.
import { toasts } from "../ui/toasts.ts";

/** A piece is not there any more, on a server that is. */
export class NewVersion extends Error {
  override readonly name = "NewVersion";
}

const RELOADED = "retinue.reloaded";
const ONCE_IN_MS = 10_000;

/** Loads the page anew; not again and again for a piece that stays away. */
export const reloadOnce = (): void => {
  const last = Number(sessionStorage.getItem(RELOADED) ?? 0);
  if (Date.now() - last < ONCE_IN_MS) return;
  sessionStorage.setItem(RELOADED, String(Date.now()));
  location.reload();
};

let isTold = false;

/** Asks for a reload, once. */
export const tellNewVersion = (): void => {
  if (isTold) return;
  isTold = true;
  toasts.add({
    text: "There is a new version of this console.",
    tone: "calm",
    stays: true,
    action: { label: "Reload", run: () => location.reload() },
  });
};
