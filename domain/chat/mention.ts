// Who a message is for: an explicit target, or a leading @name.

/** The name of a leading `@name`, as it was written; null when the message begins with none. Trailing `,` or `:` is tolerated. */
export const leadingMention = (content: string): string | null =>
  /^\s*@([A-Za-z][A-Za-z0-9_-]*)/.exec(content)?.[1] ?? null;

/** The message without its leading `@name`, as the agent is to read it; the whole message when nothing else is in it. */
export const withoutMention = (content: string): string => {
  const rest = content.replace(/^\s*@[A-Za-z][A-Za-z0-9_-]*[,:]?\s*/, "");
  return rest === "" ? content : rest;
};
