// Discussions inside a room, and messages that are just messages: they begin no run and answer no open question.
import type { MessageId, RoomId, ThreadId } from "#schema/ids.ts";
import { type Acting, kindOf } from "../events/acting.ts";
import { fact, inRoom } from "../events/facts.ts";
import { agentIdOf } from "../events/ids.ts";
import type { Decision, Given } from "../runs/work.ts";

/** Where a message goes. */
export interface ThreadPlace {
  readonly roomId: RoomId;
  readonly threadId: ThreadId;
}

/** Opens a thread beside a room's main one. */
export const openThread = (
  roomId: RoomId,
  title: string,
  acting: Acting,
  idempotencyKey: string | null,
  given: Pick<Given, "newId">,
): { readonly decision: Decision; readonly threadId: ThreadId } => {
  const threadId = given.newId("thread");
  const data = { thread_id: threadId, room_id: roomId, title };
  return {
    threadId,
    decision: { facts: [fact("thread.created", data, inRoom(roomId), { ...acting, idempotencyKey })], work: [] },
  };
};

/**
 * Keeps a message in a thread. Only a person speaks as the user: what an engine or an agent writes is shown to models as
 * somebody else's words, so that it cannot give orders in the user's name.
 */
export const postPlainMessage = (
  { roomId, threadId }: ThreadPlace,
  content: string,
  acting: Acting,
  idempotencyKey: string | null,
  given: Pick<Given, "newId">,
): { readonly decision: Decision; readonly messageId: MessageId } => {
  const messageId = given.newId("message");
  const kind = kindOf(acting.principal);
  const name = acting.principal.slice(acting.principal.indexOf(":") + 1);
  const agentId = kind === "agent" && name.startsWith("agt_") ? agentIdOf(name) : null;
  const data = {
    message_id: messageId,
    room_id: roomId,
    thread_id: threadId,
    role: kind === "user" ? ("user" as const) : ("agent" as const),
    content,
    agent_id: agentId,
    agent_name: kind === "user" ? null : name,
    target_agent: null,
    run_id: null,
  };
  return {
    messageId,
    decision: { facts: [fact("message.posted", data, inRoom(roomId), { ...acting, idempotencyKey })], work: [] },
  };
};
