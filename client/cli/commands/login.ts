// retinue login: signs in and keeps the session.
import { login } from "../../sdk/accounts.ts";
import { command } from "../arguments.ts";
import { credentialsInput, SIGN_IN } from "../credentials-input.ts";
import { COMMON, standOn } from "../ground.ts";
import { keepSession } from "../keep-session.ts";

export const loginCommand = command({
  meta: { name: "login", description: "Sign in" },
  args: { ...SIGN_IN, ...COMMON },
  run: async ({ args }) => {
    const ground = standOn(args);
    const { email, password } = await credentialsInput(args);
    await keepSession(ground, await login(ground.open, email, password), email, "Signed in");
  },
});
