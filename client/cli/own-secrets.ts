// The caller's own secrets for a request: from the environment, a passphrase also from a question at the terminal. None of them
// is ever an argument: on the command line other users of the machine would see it.
import { password } from "@clack/prompts";
import { type OwnSecrets, secretHeaders } from "../sdk/own-secrets.ts";
import { isTerminal } from "./credentials-input.ts";
import { Failure, misuse } from "./failure.ts";

/** The option of commands that ask a model about a request. */
export const PASSPHRASE = {
  "memory-passphrase": {
    type: "boolean",
    description: "Ask for the passphrase of your memory (or set RETINUE_MEMORY_PASSPHRASE)",
  },
} as const;

/** The passphrase of the caller's memory; null: there is none, and nobody wants to be asked. */
export const passphrase = async (ask: boolean, env: NodeJS.ProcessEnv = process.env): Promise<string | null> => {
  const known = env.RETINUE_MEMORY_PASSPHRASE;
  if (known) return known;
  if (!ask) return null;
  if (!isTerminal()) throw misuse("RETINUE_MEMORY_PASSPHRASE is needed where nobody can be asked");
  const typed = await password({ message: "Memory passphrase" });
  if (typeof typed === "symbol") throw new Failure("Stopped");
  return typed;
};

/** What a request brings along. */
export const ownSecrets = async (
  args: { readonly "memory-passphrase"?: boolean | undefined },
  env: NodeJS.ProcessEnv = process.env,
): Promise<OwnSecrets> => {
  const secrets = {
    modelApiKey: env.RETINUE_MODEL_API_KEY || undefined,
    modelProvider: env.RETINUE_MODEL_PROVIDER || undefined,
    memoryPassphrase: (await passphrase(args["memory-passphrase"] === true, env)) ?? undefined,
  };
  try {
    secretHeaders(secrets);
  } catch (error) {
    throw misuse(error instanceof Error ? error.message : "a secret does not fit");
  }
  return secrets;
};
