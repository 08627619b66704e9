// Words for tool calls and approvals. What is to be approved is shown whole and exactly: a person cannot agree to what was
// shortened. Making it harmless for the terminal is the printer's part.

const block = (text: string): string =>
  text
    .split("\n")
    .map((line) => `    │ ${line}`)
    .join("\n");

/** One line about a call: the tool and its path, or its arguments. */
export const callLine = (tool: string, args: Readonly<Record<string, unknown>>): string => {
  const { path, ...rest } = args;
  const names = Object.keys(rest).filter((name) => name !== "content");
  const shown = typeof path === "string" ? JSON.stringify(path) : "";
  return [tool, shown, ...names.map((name) => `${name}=${JSON.stringify(rest[name])}`)]
    .filter((part) => part !== "")
    .join(" ");
};

/** All arguments, exactly; texts of several lines as they are. */
export const argumentsText = (args: Readonly<Record<string, unknown>>): string =>
  Object.entries(args)
    .map(([name, value]) => {
      if (name === "content" && typeof value === "string")
        return `  content (${Buffer.byteLength(value)} bytes):\n${block(value)}`;
      return `  ${name}: ${JSON.stringify(value)}`;
    })
    .join("\n");

/** Who asks: the agent, or the team when it is about a whole plan. */
export const askerOf = (approval: { readonly agent: { readonly name: string } | null }): string =>
  approval.agent?.name ?? "The team";

/** A question as it is put to a person. */
export const approvalText = (
  approval: {
    readonly tool: string;
    readonly arguments: Readonly<Record<string, unknown>>;
    readonly expires_at: string;
  },
  agent: string,
): string =>
  `${agent} asks to run ${approval.tool}:\n${argumentsText(approval.arguments)}\n  (counts as no after ${approval.expires_at})`;
