// One turn with its printing and its Ctrl-C: the first cancels the run at the server, the second leaves.
import type { PostMessageBody } from "#schema/api/chat.ts";
import type { ApprovalHandling } from "./ask-approval.ts";
import { takeTurn } from "./chat-turn.ts";
import type { Conversation } from "./conversation.ts";
import { type Ground, howToConnect } from "./ground.ts";
import { nextStep } from "./next-step.ts";
import type { TurnEnd } from "./run-view.ts";
import { terminalScreen } from "./screen.ts";

/** Takes a turn on the screen; `note` is where everything but the answer goes. */
export const converse = async (
  ground: Ground,
  conversation: Conversation,
  message: PostMessageBody,
  approvals: ApprovalHandling,
  note: (line: string) => void,
): Promise<TurnEnd> => {
  const { api, projectId, sessionId, secrets } = conversation;
  const { print } = ground;
  let runId: string | null = null;
  let interrupted = false;
  const onInterrupt = () => {
    if (interrupted || runId === null) process.exit(130);
    interrupted = true;
    note("stopping the run (once more to leave it running)");
    api
      .cancel(projectId, runId)
      .catch((error: unknown) => print.aside(error instanceof Error ? error.message : String(error)));
  };
  process.on("SIGINT", onInterrupt);
  const screen = terminalScreen(print, note);
  try {
    const end = await takeTurn({
      api,
      projectId,
      sessionId,
      message,
      secrets,
      approvals,
      onRun: (id) => {
        runId = id;
      },
      screen,
      connect: () => howToConnect(ground, api, projectId),
    });
    screen.endLine();
    if (print.json) print.record({ run: await api.run(projectId, end.runId), error: end.error });
    if (end.error !== null)
      print.aside(`The run did not complete: ${end.error.message} (${end.error.code})${nextStep(end.error.code)}`);
    return end;
  } finally {
    process.off("SIGINT", onInterrupt);
  }
};
