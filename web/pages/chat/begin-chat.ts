// A new chat begins with what is said first; its title is that, in short.
import type { OwnSecrets } from "#client/sdk/own-secrets.ts";
import type { Retinue } from "#client/sdk/retinue.ts";
import { sessionTitle } from "#client/sdk/session-title.ts";
import { deleteSession } from "#client/sdk/sessions.ts";
import type { ChatSession } from "#schema/api/chat.ts";

/** Opens a session and says the message in it. */
export const beginChat = async (
  api: Retinue,
  projectId: string,
  content: string,
  secrets: OwnSecrets = {},
): Promise<ChatSession> => {
  const session = await api.createSession(projectId, sessionTitle(content));
  try {
    await api.post(session.id, { content }, 0, secrets);
  } catch (error) {
    // An empty chat that nobody asked for helps nobody.
    await deleteSession(api.http, session.id).catch(() => {});
    throw error;
  }
  return session;
};
