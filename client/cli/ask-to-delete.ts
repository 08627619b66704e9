// Before something is deleted: its person is asked, or has said --yes; where nobody can be asked, --yes must be said.
import { confirm } from "@clack/prompts";
import { isTerminal } from "./credentials-input.ts";
import { Failure, misuse } from "./failure.ts";

/** The option that answers beforehand. */
export const YES = { yes: { type: "boolean", description: "Do not ask" } } as const;

/** Goes on when it may be deleted, and fails otherwise. `what`: "a project", say. */
export const askToDelete = async (yes: boolean | undefined, what: string, question: string): Promise<void> => {
  if (yes) return;
  if (!isTerminal()) throw misuse(`Deleting ${what} needs --yes here`);
  if ((await confirm({ message: question, initialValue: false })) !== true) throw new Failure("Not deleted");
};
