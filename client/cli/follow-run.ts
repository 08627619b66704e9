// Takes up a run that is already going, from its first event on: what has happened is gone through in silence, so that every
// step has its name and every open question is asked, and what happens from now on is shown.
import type { Run } from "#schema/api/runs.ts";
import { type Retinue, sessionStream } from "../sdk/retinue.ts";
import type { ApprovalHandling } from "./ask-approval.ts";
import { RunView, type TurnEnd } from "./run-view.ts";
import type { Screen } from "./screen.ts";

/** What to follow, and how. */
export interface Following {
  readonly api: Retinue;
  readonly run: Run;
  readonly approvals: ApprovalHandling;
  readonly screen: Screen;
  /** What to type to connect a folder of this project. */
  readonly connect: () => Promise<string>;
  readonly signal: AbortSignal;
}

/** Follows it to its end; null when the person left first. */
export const followRun = async (following: Following): Promise<TurnEnd | null> => {
  const { api, run, approvals, screen, connect, signal } = following;
  const edge = async (order: "asc" | "desc") =>
    (await api.events(run.project_id, { run_id: run.id, limit: 1, order })).items[0];
  const [first, last] = [await edge("asc"), await edge("desc")];
  // Its end is news, even when it came while this was asked.
  const pastSeq =
    last === undefined ? 0 : /^run\.(completed|failed|cancelled)$/.test(last.type) ? last.seq - 1 : last.seq;
  let silent = true;
  let caughtUp: () => void = () => {};
  // Questions wait until the past is over: those that were answered in it are not asked again.
  const past = new Promise<void>((resolve) => {
    caughtUp = resolve;
  });
  const begin = () => {
    silent = false;
    caughtUp();
  };
  const shown = (show: () => void) => {
    if (!silent) show();
  };
  const view = new RunView({
    api,
    runId: run.id,
    approvals,
    past,
    connect,
    screen: {
      answer: (text) => shown(() => screen.answer(text)),
      endLine: () => shown(() => screen.endLine()),
      note: (line) => shown(() => screen.note(line)),
      frame: (frame) => shown(() => screen.frame(frame)),
    },
  });
  const fromSeq = Math.max(0, (first?.seq ?? 1) - 1);
  for await (const frame of api.live(sessionStream(run.session_id), { fromSeq, signal })) {
    if (frame.seq !== null && frame.seq > pastSeq) begin();
    const end = view.take(frame);
    if (frame.seq !== null && frame.seq >= pastSeq) begin();
    if (end === null) continue;
    begin();
    await view.finish();
    return end;
  }
  begin();
  await view.finish();
  return null;
};
