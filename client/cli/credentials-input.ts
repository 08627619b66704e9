// E-mail and password of a person: from options, the environment, or asked at the terminal. A password on the command line
// is seen by other users of the machine; RETINUE_PASSWORD or the question are the better ways.
import { password, text } from "@clack/prompts";
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
  email: { type: "string", description: "E-mail address", valueHint: "address" },
  password: { type: "string", description: "Password (better: RETINUE_PASSWORD, or wait to be asked)" },
} as const;

/** What to sign in with. */
export const credentialsInput = async (args: {
  readonly email?: string | undefined;
  readonly password?: string | undefined;
}): Promise<{ email: string; password: string }> => {
  const email = args.email || (isTerminal() ? asked(await text({ message: "E-mail" })) : "");
  if (email === "") throw misuse("--email is needed");
  const secret =
    args.password ||
    process.env.RETINUE_PASSWORD ||
    (isTerminal() ? asked(await password({ message: "Password" })) : "");
  if (secret === "") throw misuse("--password or RETINUE_PASSWORD is needed");
  return { email, password: secret };
};
