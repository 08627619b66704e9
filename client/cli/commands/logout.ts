// retinue logout: ends the session at the server and forgets it here. Forgetting happens also when the server is away.

import { refresh } from "../../sdk/accounts.ts";
import { SignedIn } from "../../sdk/credentials.ts";
import { Retinue } from "../../sdk/retinue.ts";
import { command } from "../arguments.ts";
import { COMMON, standOn } from "../ground.ts";

export const logoutCommand = command({
  meta: { name: "logout", description: "End the session" },
  args: { ...COMMON },
  run: async ({ args }) => {
    const ground = standOn(args);
    const { tokens } = await ground.settings.read();
    let ended = false;
    if (tokens !== undefined) {
      const credentials = new SignedIn(ground.settings.tokens(), (token) => refresh(ground.open, token));
      ended = await new Retinue({ url: ground.url, credentials }).logout().then(
        () => true,
        () => false,
      );
      await ground.settings.change(({ tokens: _, ...rest }) => rest);
    }
    ground.print.line(tokens === undefined ? "Nobody was signed in." : "Signed out.");
    if (tokens !== undefined && !ended)
      ground.print.aside("The server could not be told; the session ends there by itself.");
    ground.print.document({ signed_out: tokens !== undefined, told_server: ended });
  },
});
