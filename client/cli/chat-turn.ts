// One turn of a chat: says the message, follows its run to the end, prints what happens. Listens before it speaks, from the
// log's head, so nothing of the run is missed.
import type { PostMessageBody } from "#schema/api/chat.ts";
import type { LiveFrame } from "#schema/frames.ts";
import { type Retinue, sessionStream } from "../sdk/retinue.ts";
import { AnswerText, type Print } from "./answer-text.ts";
import { type ApprovalHandling, handleApproval } from "./ask-approval.ts";
import { type ChatFrame, chatFrame } from "./chat-frames.ts";
import { callLine } from "./describe.ts";

/** Where a turn shows itself. */
export interface Screen {
  /** A piece of the answer. */
  answer(text: string): void;
  /** The next piece begins on a line of its own. */
  endLine(): void;
  /** A line about what goes on. */
  note(line: string): void;
  /** Every frame of the run, for JSON output. */
  frame(frame: LiveFrame): void;
}

/** What a turn is about. */
export interface Turn {
  readonly api: Retinue;
  readonly projectId: string;
  readonly sessionId: string;
  readonly message: PostMessageBody;
  readonly approvals: ApprovalHandling;
  readonly screen: Screen;
  /** Told the run's id as soon as it is known, so that it can be cancelled. */
  readonly onRun?: (runId: string) => void;
}

/** How a turn ended. `error` is null exactly when the run completed. */
export interface TurnEnd {
  readonly runId: string;
  readonly error: { readonly code: string; readonly message: string } | null;
}

const LINE_UP_MS = 5_000;

/** Prints one run's frames and knows when it ended. */
class RunView {
  readonly #turn: Turn;
  readonly #runId: string;
  readonly #text = new AnswerText();
  readonly #asking = new Map<string, AbortController>();
  readonly #calls = new Map<string, string>();
  #questions: Promise<void> = Promise.resolve();

  constructor(turn: Turn, runId: string) {
    this.#turn = turn;
    this.#runId = runId;
  }

  /** Takes one frame; the run's end when this was it. */
  take(live: LiveFrame): TurnEnd | null {
    if (live.data.run_id !== this.#runId) return null;
    this.#turn.screen.frame(live);
    const frame = chatFrame(live);
    return frame === null ? null : this.#show(frame);
  }

  /** Withdraws open questions, and waits until everything about them is said. */
  async finish(): Promise<void> {
    for (const question of this.#asking.values()) question.abort();
    await this.#questions;
  }

  #show(frame: ChatFrame): TurnEnd | null {
    const { screen } = this.#turn;
    switch (frame.event) {
      case "message_delta":
        this.#print(this.#text.delta(frame.data));
        return null;
      case "message_discarded":
        this.#print(this.#text.discard(frame.data.message_id));
        return null;
      case "model_called":
        this.#print(this.#text.stand(frame.data.text));
        return null;
      case "message_posted":
        if (frame.data.role !== "agent") return null;
        this.#print(this.#text.final(frame.data.message_id, frame.data.content));
        return null;
      case "model_failed":
        screen.note(
          `the model did not answer (${frame.data.error.message})${frame.data.will_retry ? "; trying again" : ""}`,
        );
        return null;
      case "run_queued":
        screen.note(`waiting: ${frame.data.ahead} ahead`);
        return null;
      case "tool_request":
        this.#calls.set(frame.data.tool_call_id, callLine(frame.data.tool, frame.data.arguments));
        screen.note(`· ${callLine(frame.data.tool, frame.data.arguments)}`);
        return null;
      case "toolcall_succeeded":
        screen.note(`  ${this.#call(frame.data.tool_call_id)}: done${frame.data.truncated ? ", shortened" : ""}`);
        return null;
      case "toolcall_failed":
        screen.note(`  ${this.#call(frame.data.tool_call_id)}: failed, ${frame.data.error.message}`);
        return null;
      case "toolcall_denied":
        screen.note(`  ${this.#call(frame.data.tool_call_id)}: not done, ${frame.data.reason}`);
        return null;
      case "toolcall_indeterminate":
        screen.note(`  ${this.#call(frame.data.tool_call_id)}: UNCERTAIN, ${frame.data.reason}`);
        return null;
      case "approval_required":
        this.#ask(frame.data);
        return null;
      case "approval_expired":
        screen.note("  nobody answered in time: that counts as no");
        this.#asking.get(frame.data.approval_id)?.abort();
        return null;
      case "approval_approved":
      case "approval_rejected":
      case "approval_responded":
      case "approval_superseded":
      case "approval_cancelled":
        this.#asking.get(frame.data.approval_id)?.abort();
        return null;
      case "run_completed":
        return { runId: this.#runId, error: null };
      case "run_failed":
        return { runId: this.#runId, error: frame.data.error };
      case "run_cancelled":
        return {
          runId: this.#runId,
          error: { code: "cancelled", message: frame.data.reason ?? "the run was cancelled" },
        };
    }
  }

  #call(id: string): string {
    return this.#calls.get(id) ?? "tool call";
  }

  #ask(approval: Parameters<typeof handleApproval>[1]): void {
    const { api, approvals, screen } = this.#turn;
    const question = new AbortController();
    this.#asking.set(approval.approval_id, question);
    // One question at a time; the frames go on being read meanwhile, so a question settled elsewhere disappears.
    this.#questions = this.#questions
      .then(async () => {
        if (!question.signal.aborted) await handleApproval(api, approval, approvals, question.signal, screen.note);
      })
      .catch((error: unknown) =>
        screen.note(`the approval could not be answered: ${error instanceof Error ? error.message : String(error)}`),
      );
  }

  #print(prints: readonly Print[]): void {
    for (const print of prints) {
      if (print.kind === "text") this.#turn.screen.answer(print.text);
      else {
        this.#turn.screen.endLine();
        if (print.kind === "void") this.#turn.screen.note("(the last attempt failed; what it said is void)");
      }
    }
  }
}

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
    const posted = await api.post(sessionId, turn.message);
    turn.onRun?.(posted.run.id);
    const view = new RunView(turn, posted.run.id);
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
