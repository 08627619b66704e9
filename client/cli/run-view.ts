// Prints one run's frames as they come and knows when it ended: the answer, what goes on meanwhile, and the questions that
// must be asked. A direct call and a team's work are told by the same view.
import type { LiveFrame } from "#schema/frames.ts";
import { frameFact } from "../sdk/frame-fact.ts";
import { MemoryCalls } from "../sdk/memory.ts";
import type { OwnSecrets } from "../sdk/own-secrets.ts";
import type { Retinue } from "../sdk/retinue.ts";
import { NO_TIME, timeAfter, type WorkTime } from "../sdk/work-time.ts";
import { AnswerText, type Print } from "./answer-text.ts";
import { type ApprovalHandling, handleApproval } from "./ask-approval.ts";
import { type AskedApproval, type ChatFrame, chatFrame } from "./chat-frames.ts";
import { callLine } from "./describe.ts";
import { DeviceWait } from "./device-wait.ts";
import { HeldScreen, type Screen } from "./screen.ts";
import { isCore, lookedUpLine, type Source, sourceLine } from "./sources-text.ts";
import { type TeamFrame, teamFrame } from "./team-frames.ts";
import { TeamView } from "./team-view.ts";

/** How a turn ended. `error` is null exactly when the run completed. */
export interface TurnEnd {
  readonly runId: string;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** What a view needs. */
export interface Viewing {
  readonly api: Retinue;
  readonly runId: string;
  readonly approvals: ApprovalHandling;
  readonly screen: Screen;
  /** What to type to connect a folder of this project. */
  readonly connect: () => Promise<string>;
  /** Until this is over, nothing is asked: what is asked in it may have been answered in it. */
  readonly past?: Promise<void>;
  readonly secrets?: OwnSecrets;
}

/** Why a question went away. */
const SETTLED = "the question was settled elsewhere";
const EXPIRED = "nobody answered in time: that counts as no";

const WAITS = "  waits for a device that can do this";

interface Call {
  readonly tool: string;
  readonly line: string;
  readonly prefix: string;
}

export class RunView {
  readonly #api: Retinue;
  readonly #runId: string;
  readonly #approvals: ApprovalHandling;
  readonly #screen: HeldScreen;
  readonly #team: TeamView;
  readonly #text = new AnswerText();
  readonly #asking = new Map<string, AbortController>();
  readonly #calls = new Map<string, Call>();
  readonly #deviceWait: DeviceWait;
  /** The call each question is about. */
  readonly #asked = new Map<string, string>();
  #time: WorkTime = NO_TIME;
  /** The id the words of a plan's only step go under; they have none of their own, and begin anew with each model call. */
  #only: string | null = null;
  #sayings = 0;
  #questions: Promise<void>;
  readonly #passphrase: string | null;

  constructor({ api, runId, approvals, screen, connect, past, secrets }: Viewing) {
    this.#passphrase = secrets?.memoryPassphrase ?? null;
    this.#questions = past ?? Promise.resolve();
    this.#api = api;
    this.#runId = runId;
    this.#approvals = approvals;
    this.#screen = new HeldScreen(screen);
    this.#team = new TeamView((line) => this.#screen.note(line));
    this.#deviceWait = new DeviceWait((prefix) =>
      connect().then(
        (command) => this.#screen.note(`${prefix}${WAITS}; connect one with: ${command}`),
        () => this.#screen.note(`${prefix}${WAITS}`),
      ),
    );
  }

  /** Takes one frame; the run's end when this was it. */
  take(live: LiveFrame): TurnEnd | null {
    if (live.data.run_id !== this.#runId) return null;
    this.#screen.frame(live);
    const stored = frameFact(live);
    if (stored !== null) this.#time = timeAfter(this.#time, stored.fact, Date.parse(stored.at));
    const ofTeam = teamFrame(live);
    if (ofTeam !== null) this.#work(ofTeam);
    const frame = ofTeam === null ? chatFrame(live) : null;
    return frame === null ? null : this.#show(frame);
  }

  /** Withdraws open questions, and waits until everything about them is said. */
  async finish(): Promise<void> {
    for (const question of this.#asking.values()) question.abort(SETTLED);
    await this.#questions;
  }

  #work(frame: TeamFrame): void {
    this.#team.take(frame);
    if (frame.event !== "task_progress" || !this.#team.answers(frame.data.step_id)) return;
    const { step_id, offset, text } = frame.data;
    if (offset === 0) this.#sayings += 1;
    this.#only = `${step_id}#${this.#sayings}`;
    this.#print(this.#text.delta({ message_id: this.#only, offset, text }));
  }

  #show(frame: ChatFrame): TurnEnd | null {
    const screen = this.#screen;
    switch (frame.event) {
      case "message_delta":
        this.#print(this.#text.delta(frame.data));
        return null;
      case "message_discarded":
        this.#print(this.#text.discard(frame.data.message_id));
        return null;
      case "model_called":
        this.#team.paid(frame.data.step_id, frame.data.cost_usd, frame.data.text);
        if (this.#team.answers(frame.data.step_id)) this.#print(this.#text.stand(frame.data.text));
        return null;
      case "message_posted":
        if (frame.data.role !== "agent") return null;
        this.#print(this.#text.final(this.#only ?? frame.data.message_id, frame.data.content));
        this.#sources(frame.data.citations ?? []);
        return null;
      case "context_retrieved": {
        const { step_id, items, core, locked } = frame.data;
        const line = lookedUpLine(items, core.length, locked);
        if (line !== null) screen.note(`${this.#team.prefix(step_id)}${line}`);
        return null;
      }
      case "model_failed":
        this.#team.unsaid(frame.data.step_id);
        this.#team.charged(frame.data.cost_usd ?? 0);
        if (this.#only !== null) this.#print(this.#text.discard(this.#only));
        screen.note(
          `${this.#team.prefix(frame.data.step_id)}the model did not answer (${frame.data.error.message})${frame.data.will_retry ? "; trying again" : ""}`,
        );
        return null;
      case "run_queued":
        screen.note(`waiting: ${frame.data.ahead} ahead`);
        return null;
      case "tool_request": {
        const { step_id, tool_call_id, tool, arguments: args, decision } = frame.data;
        const call = { tool, line: callLine(tool, args), prefix: this.#team.prefix(step_id) };
        this.#calls.set(tool_call_id, call);
        this.#team.called(tool_call_id, step_id);
        screen.note(`${call.prefix}· ${call.line}`);
        if (decision === "allow") this.#deviceWait.allowed(tool_call_id, tool, call.prefix);
        return null;
      }
      case "toolcall_dispatched":
        if (this.#deviceWait.left(frame.data.tool_call_id)) this.#called(frame.data.tool_call_id, "a device is there");
        return null;
      case "toolcall_succeeded":
        return this.#called(frame.data.tool_call_id, `done${frame.data.truncated ? ", shortened" : ""}`);
      case "toolcall_failed":
        return this.#called(frame.data.tool_call_id, `failed, ${frame.data.error.message}`);
      case "toolcall_denied":
        return this.#called(frame.data.tool_call_id, `not done, ${frame.data.reason}`);
      case "toolcall_indeterminate":
        return this.#called(frame.data.tool_call_id, `UNCERTAIN, ${frame.data.reason}`);
      case "approval_required":
        this.#ask(frame.data);
        return null;
      case "approval_expired":
        // Whoever is being asked is told by the question itself.
        if (this.#approvals !== "ask") screen.note(`  ${EXPIRED}`);
        this.#asking.get(frame.data.approval_id)?.abort(EXPIRED);
        return null;
      case "approval_approved":
        this.#mayGo(frame.data.approval_id);
        this.#asking.get(frame.data.approval_id)?.abort(SETTLED);
        return null;
      case "approval_rejected":
      case "approval_responded":
      case "approval_superseded":
      case "approval_cancelled":
        this.#asking.get(frame.data.approval_id)?.abort(SETTLED);
        return null;
      case "run_completed":
        return this.#end(null);
      case "run_failed":
        return this.#end(frame.data.error);
      case "run_cancelled":
        return this.#end({ code: "cancelled", message: frame.data.reason ?? "the run was cancelled" });
    }
  }

  #sources(sources: readonly Source[]): void {
    if (sources.length === 0) return;
    const show = (keys: ReadonlyMap<string, string>): void => {
      this.#screen.endLine();
      this.#screen.note("Sources");
      for (const source of sources) this.#screen.note(sourceLine(source, keys));
    };
    if (!sources.some(isCore)) show(new Map());
    else this.#questions = this.#questions.then(async () => show(await this.#coreKeys()));
  }

  /** Whoever may not ask, or cannot open them, is shown the sources without. */
  async #coreKeys(): Promise<ReadonlyMap<string, string>> {
    const memory = new MemoryCalls(this.#api.http, this.#passphrase);
    const { items } = await memory.list("core", { limit: 100 }).catch(() => ({ items: [] }));
    return new Map(items.flatMap((one) => (one.type === "core" && !one.locked ? [[one.id, one.key] as const] : [])));
  }

  /** A yes lets its call go. */
  #mayGo(approvalId: string): void {
    const callId = this.#asked.get(approvalId) ?? "";
    const call = this.#calls.get(callId);
    if (call !== undefined) this.#deviceWait.allowed(callId, call.tool, call.prefix);
  }

  #called(callId: string, words: string): null {
    this.#deviceWait.left(callId);
    const { line, prefix } = this.#calls.get(callId) ?? { line: "tool call", prefix: "" };
    this.#screen.note(`${prefix}  ${line}: ${words}`);
    return null;
  }

  #end(error: TurnEnd["error"]): TurnEnd {
    this.#deviceWait.end();
    this.#screen.endLine();
    this.#team.summary(this.#time);
    return { runId: this.#runId, error };
  }

  #ask(asked: AskedApproval): void {
    const question = new AbortController();
    this.#asking.set(asked.approval_id, question);
    if (asked.tool_call_id !== null) this.#asked.set(asked.approval_id, asked.tool_call_id);
    const approval = {
      ...asked,
      agent_name: this.#team.askerOf(asked.tool_call_id, asked.agent_name),
      estimate: asked.kind === "plan" ? this.#team.plan?.estimate : undefined,
    };
    // One question at a time; the frames go on being read meanwhile, so a question settled elsewhere disappears.
    this.#questions = this.#questions
      .then(async () => {
        if (question.signal.aborted) return;
        const answer = (note: (line: string) => void) =>
          handleApproval(this.#api, approval, this.#approvals, question.signal, note);
        // A question left to another command holds nothing back. What a yes set going is told after the yes.
        if (this.#approvals === "elsewhere") await answer((line) => this.#screen.note(line));
        else await this.#screen.alone(answer);
      })
      .catch((error: unknown) =>
        this.#screen.note(
          `the approval could not be answered: ${error instanceof Error ? error.message : String(error)}\n  it may still be open: retinue approve ${asked.approval_id}, or retinue reject ${asked.approval_id}`,
        ),
      );
  }

  #print(prints: readonly Print[]): void {
    for (const print of prints) {
      if (print.kind === "text") this.#screen.answer(print.text);
      else {
        this.#screen.endLine();
        if (print.kind === "void") this.#screen.note("(the last attempt failed; what it said is void)");
      }
    }
  }
}
