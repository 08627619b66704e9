// Pieces of the console that are fetched when they are needed, and what happens when one does not come. While the server is away,
// the page stays as it is; from a server that is there it does not come because there is a new version (`new-version.ts`).
import { NoAnswer } from "#client/sdk/api-error.ts";
import { pause } from "#client/sdk/backoff.ts";
import { Health } from "#schema/api/accounts.ts";
import { open } from "../session/this-browser.ts";
import { NewVersion, tellNewVersion } from "./new-version.ts";

const AGAIN_MS = 2_000;

const isServerThere = (): Promise<boolean> =>
  open.call("GET", "/api/v1/health", Health).then(
    () => true,
    () => false,
  );

/** A page, or what was pressed for: that it did not come is told. */
export const pageOf = async <T>(load: () => Promise<T>): Promise<T> => {
  try {
    return await load();
  } catch (cause) {
    throw (await isServerThere())
      ? new NewVersion("A piece of the console is not there any more", { cause })
      : new NoAnswer("A piece of the console did not come", { cause });
  }
};

/** A part of a page: something stands for it for as long as it does not come. */
export const partOf = async <T>(load: () => Promise<T>): Promise<T> => {
  // One that did not come once may have been lost on its way.
  for (let tries = 1; ; tries += 1)
    try {
      return await load();
    } catch {
      if (tries > 1 && (await isServerThere())) tellNewVersion();
      await pause(AGAIN_MS);
    }
};
