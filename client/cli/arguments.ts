// A stricter reading of the command line than citty's: an option nobody declared, a value that is missing or one word too
// many is an error, not something to pass over. A mistyped `--read-only` must not connect a writable folder.
import { type ArgsDef, type CommandDef, defineCommand } from "citty";
import { misuse } from "./failure.ts";

const namesOf = (name: string, alias: string | string[] | undefined): readonly string[] => [
  name,
  ...(alias === undefined ? [] : [alias].flat()),
];

/** Throws a misuse when the words do not fit the declared arguments. */
export const checkArguments = (words: readonly string[], declared: ArgsDef, spread = false): void => {
  const kinds = new Map<string, string>();
  let places = 0;
  for (const [name, arg] of Object.entries(declared)) {
    if (arg.type === "positional") places++;
    else
      for (const known of namesOf(name, "alias" in arg ? arg.alias : undefined)) kinds.set(known, arg.type ?? "string");
  }
  let positionals = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    if (word === "--") {
      positionals += words.length - i - 1;
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      positionals++;
      continue;
    }
    const [name = "", value] = word.replace(/^--?/, "").split(/=(.*)/s);
    const kind = kinds.get(name);
    if (kind === undefined) throw misuse(`Unknown option ${word.split("=")[0]}`);
    if (kind === "boolean") {
      if (value !== undefined) throw misuse(`--${name} takes no value`);
    } else if (value === undefined) {
      const next = words[++i];
      if (next === undefined || next.startsWith("--")) throw misuse(`--${name} needs a value`);
    }
  }
  if (!spread && positionals > places) throw misuse("Too many arguments; put words that belong together in quotes");
};

/** Declares a command whose words are checked before it runs. `spread` allows any number of plain words. */
export const command = <const T extends ArgsDef>(
  definition: CommandDef<T> & { readonly args: T; readonly spread?: boolean },
): CommandDef<T> => {
  const { spread, ...rest } = definition;
  return defineCommand<T>({
    ...rest,
    setup: (context) => checkArguments(context.rawArgs, definition.args, spread),
  });
};
