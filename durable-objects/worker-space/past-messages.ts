// A room's history as a model is to read it. Only the columns it needs: this is read for every turn.
import type { PastMessage } from "#domain/chat/conversation.ts";
import type { Tables } from "./tables.ts";

/** Messages of history read at most, whatever the token budget. */
const ROWS = 100;

const QUERY = `select role, content, agent_id, agent_name, run_id from messages
  where room_id = ? and thread_id = ? and seq < ? order by stream_seq desc limit ${ROWS}`;

const roleOf = (value: SqlStorageValue | undefined): PastMessage["role"] =>
  value === "agent" || value === "system" ? value : "user";
const textOf = (value: SqlStorageValue | undefined): string | null => (typeof value === "string" ? value : null);

/** The thread of a room that is spoken in. */
interface Conversation {
  readonly roomId: string;
  readonly threadId: string;
}

/** The newest messages before `seq`, oldest first. */
export const pastMessages = (tables: Tables, { roomId, threadId }: Conversation, seq: number): PastMessage[] => {
  const newestFirst: PastMessage[] = [];
  for (const [role, content, agentId, agentName, runId] of tables.sql.exec(QUERY, roomId, threadId, seq).raw()) {
    newestFirst.push({
      role: roleOf(role),
      content: textOf(content) ?? "",
      agentId: textOf(agentId),
      agentName: textOf(agentName),
      runId: textOf(runId),
    });
  }
  return newestFirst.reverse();
};
