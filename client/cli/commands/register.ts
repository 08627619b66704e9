// retinue register: makes an account and signs in.
import { register } from "../../sdk/accounts.ts";
import { command } from "../arguments.ts";
import { credentialsInput, SIGN_IN } from "../credentials-input.ts";
import { COMMON, standOn } from "../ground.ts";
import { keepSession } from "../keep-session.ts";

export const registerCommand = command({
  meta: { name: "register", description: "Make an account and sign in" },
  args: { ...SIGN_IN, ...COMMON },
  run: async ({ args }) => {
    const ground = standOn(args);
    const { email, password } = await credentialsInput(args, "new");
    await keepSession(ground, await register(ground.open, email, password), email, "Registered and signed in");
  },
});
