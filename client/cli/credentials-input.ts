// E-mail and password of a person: from options, the environment, or asked at the terminal. A password on the command line
// is seen by other users of the machine; RETINUE_PASSWORD or the question are the better ways.
import { password, text } from "@clack/prompts";
import { RegisterBody } from "#schema/api/accounts.ts";
import { Failure, misuse } from "./failure.ts";

/** True when a person sits at both ends of this process. */
export const isTerminal = (): boolean =>
  process.stdin.isTTY === true && process.stderr.isTTY === true && process.stdout.isTTY === true;

const asked = (answer: string | symbol): string => {
  if (typeof answer === "symbol") throw new Failure("Stopped");
  return answer;
};

/** The options of `register` and `login`. */
export const SIGN_IN = {
  address: { type: "positional", required: false, description: "E-mail address" },
  email: { type: "string", description: "The same, as an option", valueHint: "address" },
  password: { type: "string", description: "Password (better: RETINUE_PASSWORD, or wait to be asked)" },
} as const;

/** The question for a password. A new one is told its rule before it is sent, and asked again until it fits. */
const typedPassword = async (kind: "new" | "known"): Promise<string> =>
  asked(
    kind === "known"
      ? await password({ message: "Password" })
      : await password({
          message: "Password (10 characters or more)",
          validate: (value) =>
            RegisterBody.shape.password.safeParse(value ?? "").success
              ? undefined
              : "It must have 10 to 256 characters",
        }),
  );

/** What to sign in with; `kind` says whether the password is only now being chosen. */
export const credentialsInput = async (
  args: {
    readonly address?: string | undefined;
    readonly email?: string | undefined;
    readonly password?: string | undefined;
  },
  kind: "new" | "known" = "known",
): Promise<{ email: string; password: string }> => {
  if (args.address && args.email) throw misuse("Give the e-mail address once");
  const email = args.address || args.email || (isTerminal() ? asked(await text({ message: "E-mail" })) : "");
  if (email === "") throw misuse("An e-mail address is needed");
  const secret = args.password || process.env.RETINUE_PASSWORD || (isTerminal() ? await typedPassword(kind) : "");
  if (secret === "") throw misuse("--password or RETINUE_PASSWORD is needed");
  return { email, password: secret };
};
