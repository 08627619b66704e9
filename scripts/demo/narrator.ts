// The tour's voice: short headings, what was proven, and the live events as they happen, one line each; an answer's words
// as they stream. Everything passes `harmless`, because agents and files are quoted. Colours only where they can be seen.
import { styleText } from "node:util";
import { askedLine, callLine } from "#client/cli/describe.ts";
import { harmless, harmlessLine } from "#client/terminal/harmless.ts";
import type { LiveFrame } from "#schema/frames.ts";

type Style = Parameters<typeof styleText>[0];

/** Where the tour prints. */
export interface Output {
  readonly write: (text: string) => unknown;
  readonly colours: boolean;
}

const SHORT = 90;
const shorten = (text: string): string => (text.length > SHORT ? `${text.slice(0, SHORT)}…` : text);

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};

/** What an event is about, in a few words. */
const gist = ({ event, data }: LiveFrame): string => {
  switch (event) {
    case "message_posted":
      return data.role === "user" ? `you: ${data.content}` : `${data.agent_name} answered`;
    case "direct_agent_call":
      return `@${record(data.agent).name}`;
    case "agent_registered":
    case "device_connected":
      return String(data.name);
    case "model_called":
      return `${data.model}, ${data.input_tokens} + ${data.output_tokens} tokens`;
    case "tool_request":
      return `${callLine(String(data.tool), record(data.arguments))}: policy says ${String(data.decision).replaceAll("_", " ")}`;
    case "approval_required":
      return askedLine({ kind: String(data.kind), tool: String(data.tool), arguments: record(data.arguments) });
    case "run_started":
      return `the team, planned by ${record(data.agent).name}`;
    case "task_plan_created":
      return `${Array.isArray(data.steps) ? data.steps.length : "?"} steps`;
    case "task_started":
      return `${record(data.agent).name}: ${data.title}`;
    case "task_completed":
      return `${data.duration_ms} ms`;
    case "budget_alerted":
      return `${data.spent_usd} of ${data.limit_usd}`;
    case "toolcall_succeeded":
      return `${data.bytes} bytes`;
    case "toolcall_failed":
      return `${record(data.error).code}: ${record(data.error).message}`;
    case "toolcall_denied":
      return String(data.reason);
    case "run_completed":
      return `${data.duration_ms} ms`;
    case "run_failed":
      return String(record(data.error).message);
    case "agent_status_changed":
      return `${data.name} is ${data.status}`;
    default:
      return "";
  }
};

/** Tells the tour. */
export class Narrator {
  readonly #out: Output;
  #chapters = 0;
  #streaming = false;

  constructor(out: Output) {
    this.#out = out;
  }

  heading(title: string): void {
    this.#chapters += 1;
    this.#line(`\n${this.#paint(["bold", "cyan"], `${this.#chapters}. ${title}`)}`);
  }

  /** A sentence of the tour. */
  say(text: string): void {
    this.#line(harmless(text));
  }

  /** Something that was shown to be so. */
  proven(claim: string): void {
    this.#line(`   ${this.#paint("green", "✓")} ${harmlessLine(claim)}`);
  }

  failed(why: string): void {
    this.#line(`\n   ${this.#paint("red", "✗")} ${harmlessLine(why)}`);
  }

  /** One live frame. */
  frame(frame: LiveFrame): void {
    // Several steps speak at once; what they said is told by the answer that joins it.
    if (frame.event === "task_progress") return;
    if (frame.event === "message_delta") return this.#delta(String(frame.data.text));
    const seq = frame.seq === null ? "" : `#${frame.seq}`;
    this.#line(
      `${this.#paint("dim", `${seq.padStart(6)}  ${frame.event.padEnd(20)}`)}  ${shorten(harmlessLine(gist(frame)))}`.trimEnd(),
    );
  }

  #delta(text: string): void {
    const margin = this.#paint("dim", "        │ ");
    if (!this.#streaming) this.#out.write(margin);
    this.#out.write(harmless(text).replaceAll("\n", `\n${margin}`));
    this.#streaming = true;
  }

  #line(text: string): void {
    this.#out.write(`${this.#streaming ? "\n" : ""}${text}\n`);
    this.#streaming = false;
  }

  #paint(style: Style, text: string): string {
    return this.#out.colours ? styleText(style, text, { validateStream: false }) : text;
  }
}
