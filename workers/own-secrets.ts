// Secrets in a request's headers, taken out at the door. A key for a provider this installation does not know is refused here:
// it must be sent to nobody.
import type { Context } from "hono";
import type { z } from "zod";
import { type BroughtHeaders, type BroughtSecrets, broughtIn } from "#schema/api/brought.ts";
import type { AppEnv } from "./context.ts";
import { refuseRequest } from "./errors.ts";

/** The secrets a request brought. */
export const secretsOf = (c: Context<AppEnv>, headers: z.infer<typeof BroughtHeaders>): BroughtSecrets => {
  const { takesKeys } = c.var.services;
  const secrets = broughtIn(headers);
  if (secrets.modelApiKey === null && secrets.modelProvider !== null)
    return refuseRequest("invalid_request", "X-Model-Provider says whose key X-Model-Api-Key is, and there is none");
  if (secrets.modelApiKey !== null && secrets.modelProvider !== null && !takesKeys(secrets.modelProvider))
    return refuseRequest(
      "invalid_request",
      "X-Model-Provider must name a provider of this installation that takes a key, such as openai or anthropic",
    );
  return secrets;
};
