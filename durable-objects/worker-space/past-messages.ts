// A room's history as a model is to read it. Only the four columns it needs: this is read for every turn.
import type { PastMessage } from "#domain/chat/conversation.ts";
import type { Tables } from "./tables.ts";

/** Messages of history read at most, whatever the token budget. */
const ROWS = 100;

const QUERY = `select role, content, agent_id as agentId, agent_name as agentName from messages
  where room_id = ? and seq < ? order by stream_seq desc limit ${ROWS}`;

type Row = { role: PastMessage["role"]; content: string; agentId: string | null; agentName: string | null };

/** The newest messages before `seq`, oldest first. */
export const pastMessages = (tables: Tables, roomId: string, seq: number): PastMessage[] =>
  tables.sql.exec<Row>(QUERY, roomId, seq).toArray().reverse();
