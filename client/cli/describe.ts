// Words for tool calls and approvals. What is to be approved is shown whole and exactly: a person cannot agree to what was
// shortened. Making it harmless for the terminal is the printer's part.

const block = (text: string): string =>
  text
    .split("\n")
    .map((line) => `    │ ${line}`)
    .join("\n");

/** One line about a call: the tool and its path or address, or its arguments. */
export const callLine = (tool: string, args: Readonly<Record<string, unknown>>): string => {
  const { path, url, ...rest } = args;
  const names = Object.keys(rest).filter((name) => name !== "content");
  const subject = path ?? url;
  const shown = typeof subject === "string" ? JSON.stringify(subject) : "";
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

/** What a yes says besides this one call: a host once allowed is not asked about again. */
const consequence = ({ tool, arguments: { url } }: AskedCall): string =>
  tool === "web_fetch" && typeof url === "string" && URL.canParse(url)
    ? `  (a yes also lets the agents of this project read from ${new URL(url).host} from now on)\n`
    : "";

interface AskedCall {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** A question as it is put to a person. */
export const approvalText = (approval: AskedCall & { readonly expires_at: string }, agent: string): string =>
  `${agent} asks to run ${approval.tool}:\n${argumentsText(approval.arguments)}\n${consequence(approval)}  (counts as no after ${approval.expires_at})`;
