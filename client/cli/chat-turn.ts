// One turn of a chat: says the message, follows its run to the end, prints what happens. Listens before it speaks, from the
// log's head, so nothing of the run is missed.
import type { PostMessageBody } from "#schema/api/chat.ts";
import type { OwnSecrets } from "../sdk/own-secrets.ts";
import { type Retinue, sessionStream } from "../sdk/retinue.ts";
import type { ApprovalHandling } from "./ask-approval.ts";
import { RunView, type TurnEnd } from "./run-view.ts";
import type { Screen } from "./screen.ts";

/** What a turn is about. */
export interface Turn {
  readonly api: Retinue;
  readonly projectId: string;
  readonly sessionId: string;
  readonly message: PostMessageBody;
  readonly secrets: OwnSecrets;
  readonly approvals: ApprovalHandling;
  readonly screen: Screen;
  /** What to type to connect a folder of this project. */
  readonly connect: () => Promise<string>;
  /** Told the run's id as soon as it is known, so that it can be cancelled. */
  readonly onRun?: (runId: string) => void;
}

const LINE_UP_MS = 5_000;

/** Says the message and follows its run to the end. */
export const takeTurn = async (turn: Turn): Promise<TurnEnd> => {
  const { api, projectId, sessionId } = turn;
  const { seq } = await api.head(projectId);
  const stop = new AbortController();
  let lineUp: () => void = () => {};
  const up = new Promise<void>((resolve) => {
    lineUp = resolve;
  });
  const frames = api.live(sessionStream(sessionId), {
    fromSeq: seq,
    signal: stop.signal,
    onLine: (isUp) => isUp && lineUp(),
  });
  try {
    const first = frames.next();
    first.catch(lineUp);
    // Deltas are live only: the line should be up before the model speaks. If it is slow, the stored text still comes.
    await Promise.race([up, new Promise((resolve) => setTimeout(resolve, LINE_UP_MS).unref())]);
    const posted = await api.post(sessionId, turn.message, 0, turn.secrets);
    turn.onRun?.(posted.run.id);
    const view = new RunView({ ...turn, runId: posted.run.id });
    for (let next = await first; !next.done; next = await frames.next()) {
      const end = view.take(next.value);
      if (end === null) continue;
      await view.finish();
      return end;
    }
    throw new Error("the live stream ended before the run");
  } finally {
    stop.abort();
    await frames.return();
  }
};
