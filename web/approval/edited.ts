// Other arguments for a call, while a person types them: each word of text in a field of its own, so that a file is changed as
// the text it is; and as JSON where there is more to them than text.

type Arguments = Readonly<Record<string, unknown>>;

/** What is being typed. */
export type Edited =
  | { readonly as: "fields"; readonly fields: readonly { readonly name: string; readonly text: string }[] }
  | { readonly as: "json"; readonly text: string };

const LONG = 80;

/** Whether an argument wants several lines: what a file is to hold does, even if it is short so far. */
export const takesLines = ({ name, text }: { readonly name: string; readonly text: string }): boolean =>
  name === "content" || text.length > LONG || text.includes("\n");

/** The arguments as they stand at first, those of a line before those of several. */
export const editedOf = (args: Arguments): Edited => {
  const fields = Object.entries(args).flatMap(([name, text]) => (typeof text === "string" ? [{ name, text }] : []));
  return fields.length === 0 || fields.length < Object.keys(args).length
    ? { as: "json", text: JSON.stringify(args, null, 2) }
    : { as: "fields", fields: fields.toSorted((one, other) => Number(takesLines(one)) - Number(takesLines(other))) };
};

/** The arguments that were typed; null when they are none. */
export const argumentsIn = (edited: Edited): Record<string, unknown> | null => {
  if (edited.as === "fields") return Object.fromEntries(edited.fields.map(({ name, text }) => [name, text]));
  try {
    const value: unknown = JSON.parse(edited.text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
};
