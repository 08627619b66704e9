// A new chat begins with what is said first; its title is that, in short.
import type { OwnSecrets } from "#client/sdk/own-secrets.ts";
import type { Retinue } from "#client/sdk/retinue.ts";
import { deleteSession } from "#client/sdk/sessions.ts";
import type { ChatSession } from "#schema/api/chat.ts";

const LONGEST_TITLE = 60;

/** A title made of the first words of a message, without the name it is said to and without Markdown's marks. */
export const titleOf = (content: string): string => {
  const [line = ""] = content
    .trim()
    .replace(/^@[A-Za-z][\w-]*[,:]?\s+/, "")
    .split("\n", 1);
  const plain = line
    .replaceAll(/[*_`#>]+/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim();
  const words = plain.charAt(0).toUpperCase() + plain.slice(1);
  if (words.length <= LONGEST_TITLE) return words === "" ? "New chat" : words;
  const cut = words.slice(0, LONGEST_TITLE);
  const end = cut.lastIndexOf(" ");
  return `${(end > LONGEST_TITLE / 2 ? cut.slice(0, end) : cut).toWellFormed()}…`;
};

/** Opens a session and says the message in it. */
export const beginChat = async (
  api: Retinue,
  projectId: string,
  content: string,
  secrets: OwnSecrets = {},
): Promise<ChatSession> => {
  const session = await api.createSession(projectId, titleOf(content));
  try {
    await api.post(session.id, { content }, 0, secrets);
  } catch (error) {
    // An empty chat that nobody asked for helps nobody.
    await deleteSession(api.http, session.id).catch(() => {});
    throw error;
  }
  return session;
};
