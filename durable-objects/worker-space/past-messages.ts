// A room's history as a model is to read it: as much of it as may fit, from memory where that much is there.
import type { PastMessage } from "#domain/chat/conversation.ts";
import type { MessageRow } from "#schema/space/read-models.ts";
import type { Tables } from "./tables.ts";

/** Messages of history read at most, whatever the token budget. */
const ROWS = 100;
/** Characters that make one token at most, by any estimate. */
const CHARACTERS_OF_TOKEN = 4;

// Only the columns it needs.
const QUERY = `select role, content, agent_id, agent_name, run_id from messages
  where room_id = ? and thread_id = ? and seq < ? order by stream_seq desc limit ${ROWS}`;

const roleOf = (value: SqlStorageValue | undefined): PastMessage["role"] =>
  value === "agent" || value === "system" ? value : "user";
const textOf = (value: SqlStorageValue | undefined): string | null => (typeof value === "string" ? value : null);

/** The thread of a room that is spoken in. */
export interface Conversation {
  readonly roomId: string;
  readonly threadId: string;
}

/** The newest messages before `seq`, oldest first: so many that no more of them can fit the budget. */
export const pastMessages = (
  tables: Tables,
  conversation: Conversation,
  seq: number,
  tokens: number,
): readonly PastMessage[] => fromMemory(tables, conversation, seq, tokens) ?? fromTable(tables, conversation, seq);

const fromMemory = (
  tables: Tables,
  { roomId, threadId }: Conversation,
  seq: number,
  tokens: number,
): PastMessage[] | null => {
  const { rows, isWhole } = tables.messages.endOf(roomId);
  const newestFirst: MessageRow[] = [];
  let characters = 0;
  for (let at = rows.length - 1; at >= 0; at -= 1) {
    const row = rows[at];
    if (row === undefined || row.seq >= seq || row.threadId !== threadId) continue;
    newestFirst.push(row);
    characters += row.content.length;
    if (newestFirst.length === ROWS || characters > tokens * CHARACTERS_OF_TOKEN) return newestFirst.reverse();
  }
  return isWhole ? newestFirst.reverse() : null;
};

const fromTable = (tables: Tables, { roomId, threadId }: Conversation, seq: number): PastMessage[] => {
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
