// Keeps fresh tokens as the session of this server, and says who is signed in now.
import type { AuthTokens } from "#schema/api/accounts.ts";
import { fixedToken } from "../sdk/credentials.ts";
import { Retinue } from "../sdk/retinue.ts";
import type { Ground } from "./ground.ts";

/** Replaces whatever session was there; another account's project and sessions are forgotten with it. */
export const keepSession = async (ground: Ground, tokens: AuthTokens, email: string, words: string): Promise<void> => {
  await ground.settings.change((current) =>
    current.email?.toLowerCase() === email.toLowerCase() ? { ...current, tokens } : { email, tokens },
  );
  const profile = await new Retinue({ url: ground.url, credentials: fixedToken(tokens.access_token) }).me();
  ground.print.line(`${words} at ${ground.url} as ${profile.email ?? profile.id}`);
  ground.print.document(profile);
  if (ground.fixed) ground.print.aside("Note: RETINUE_TOKEN is set and will be used instead of this session.");
};
