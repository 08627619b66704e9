// A new account at a running server, with a client that renews its own tokens and keeps them in memory only.
import * as accounts from "#client/sdk/accounts.ts";
import { memoryStore, SignedIn } from "#client/sdk/credentials.ts";
import { Http } from "#client/sdk/http.ts";
import { Retinue } from "#client/sdk/retinue.ts";
import type { ProjectId, UserId } from "#schema/ids.ts";

/** Somebody who is signed in. */
export interface Account {
  readonly email: string;
  readonly password: string;
  readonly api: Retinue;
  readonly userId: UserId;
  /** The default project. */
  readonly projectId: ProjectId;
}

/** Registers somebody. */
export const signUp = async (
  url: string,
  email: string,
  password = "correct horse battery staple",
): Promise<Account> => {
  const open = new Http({ url });
  const tokens = await accounts.register(open, email, password);
  const credentials = new SignedIn(memoryStore(tokens), (token) => accounts.refresh(open, token));
  const api = new Retinue({ url, credentials });
  const profile = await api.me();
  return { email, password, api, userId: profile.id, projectId: profile.default_project_id };
};
