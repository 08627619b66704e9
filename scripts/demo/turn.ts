// One message to an agent, and its run, heard to the end on the live stream.
import type { Message } from "#schema/api/chat.ts";
import type { Run } from "#schema/api/runs.ts";
import type { LiveFrame } from "#schema/frames.ts";
import { prove } from "./proof.ts";
import type { Visit } from "./visit.ts";

/** A run that has ended. */
export interface Turn {
  readonly run: Run;
  readonly reply: Message;
  /** What was heard of it live. */
  readonly frames: readonly LiveFrame[];
}

/** Follows a run that was begun to its good end. */
export const finishTurn = async ({ account, sessionId, ear }: Visit, runId: string): Promise<Turn> => {
  const { api, projectId } = account;
  await ear.endOf(runId);
  const run = await api.run(projectId, runId);
  prove(run.status === "completed", "the run completes", run.error);
  const reply = (await api.messages(sessionId, { limit: 100 })).items.find(({ id }) => id === run.output_message_id);
  prove(reply !== undefined, "the answer is kept");
  return { run, reply, frames: ear.ofRun(runId) };
};

/** Says something and waits for the answer. */
export const takeTurn = async (visit: Visit, content: string): Promise<Turn> => {
  const posted = await visit.account.api.post(visit.sessionId, { content });
  prove(posted.mode === "direct", "a message that begins with @name is a direct call", posted.mode);
  return finishTurn(visit, posted.run.id);
};

/** Says something that makes an agent ask for permission, and waits for the question. */
export const askToWrite = async (visit: Visit, content: string) => {
  const { api } = visit.account;
  const posted = await api.post(visit.sessionId, { content });
  const asked = await visit.ear.until(
    "the approval",
    ({ event, data }) => event === "approval_required" && data.run_id === posted.run.id,
  );
  const approval = await api.approval(String(asked.data.approval_id));
  prove(approval.status === "pending", "the write waits for a person", approval.status);
  return { runId: posted.run.id, approval };
};
