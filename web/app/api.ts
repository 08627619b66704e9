// The one client of this page, for the server it came from.
import { Retinue } from "#client/sdk/retinue.ts";
import { session } from "../session/this-browser.ts";

/** Every call a signed-in page makes. */
export const api = new Retinue({ url: location.origin, credentials: session, ticketed: true });
