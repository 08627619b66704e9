// The variables' way into wrangler: a dotenv file only its owner can read, so that no secret stands in a process list.
// wrangler reads it with dotenv and then expands `$NAME`; what is written here survives both unchanged.

/** The text of a dotenv file that holds exactly these values. Throws for a value the format cannot carry. */
export function envFileText(vars: Readonly<Record<string, string>>): string {
  return Object.entries(vars)
    .map(([name, value]) => `${name}=${quote(name, value)}\n`)
    .join("");
}

/** Only single quotes and backticks leave backslashes alone; `$` would start an expansion unless escaped. */
function quote(name: string, value: string): string {
  const mark = ["'", "`"].find((candidate) => !value.includes(candidate));
  if (mark === undefined || value.includes("\r") || value.endsWith("\\")) {
    throw new Error(
      `The value of ${name} cannot be handed over: it holds both ' and \`, or a carriage return, or ends in a backslash.`,
    );
  }
  return `${mark}${value.replaceAll("$", "\\$")}${mark}`;
}
