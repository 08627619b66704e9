// Which session a chat goes on in: the one asked for, a new one, or the last one of the project.
import { ApiError } from "../sdk/api-error.ts";
import type { OwnSecrets } from "../sdk/own-secrets.ts";
import type { Retinue } from "../sdk/retinue.ts";
import { currentProject, type Ground } from "./ground.ts";

/** A session to talk in. */
export interface Conversation {
  readonly api: Retinue;
  readonly projectId: string;
  readonly sessionId: string;
  /** What every message of it brings along. */
  readonly secrets: OwnSecrets;
}

/** What decides it. */
export interface ConversationChoice {
  readonly project?: string | undefined;
  readonly projectId?: string;
  readonly session?: string | undefined;
  readonly fresh: boolean;
  readonly title: string;
  readonly secrets: OwnSecrets;
}

const stillThere = async (api: Retinue, sessionId: string): Promise<boolean> => {
  try {
    await api.session(sessionId);
    return true;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 403)) return false;
    throw error;
  }
};

/** Finds or makes the session, and remembers it as the project's last. */
export const openConversation = async (
  ground: Ground,
  api: Retinue,
  choice: ConversationChoice,
): Promise<Conversation> => {
  const { secrets } = choice;
  if (choice.session !== undefined) {
    const { project_id: projectId } = await api.session(choice.session);
    await remember(ground, projectId, choice.session);
    return { api, projectId, sessionId: choice.session, secrets };
  }
  const projectId = choice.projectId ?? (await currentProject(ground, api, choice));
  const last = choice.fresh ? undefined : (await ground.settings.read()).sessions?.[projectId];
  if (last !== undefined && (await stillThere(api, last))) return { api, projectId, sessionId: last, secrets };
  const session = await api.createSession(projectId, choice.title || "Chat");
  await remember(ground, projectId, session.id);
  return { api, projectId, sessionId: session.id, secrets };
};

const remember = async (ground: Ground, projectId: string, sessionId: string): Promise<void> => {
  await ground.settings.change((current) => ({
    ...current,
    sessions: { ...current.sessions, [projectId]: sessionId },
  }));
};
