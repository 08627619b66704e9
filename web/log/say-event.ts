// An event in a line: what happened and to what. All of it is shown in the inspector; this is to find one's way. Everything
// that somebody else wrote is made harmless and short here.
import { durationText, moneyText } from "#client/cli/amounts.ts";
import { harmlessLine } from "#client/terminal/harmless.ts";
import { subjectOf, verbOf } from "../approval/words.ts";
import type { Tone } from "../ui/badge.tsx";
import type { LogEntry } from "./log-entry.ts";

const LONGEST = 240;

type Data = Readonly<Record<string, unknown>>;

const isData = (value: unknown): value is Data => typeof value === "object" && value !== null && !Array.isArray(value);
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const count = (value: unknown): number => (typeof value === "number" ? value : 0);
const time = (value: unknown): string => (typeof value === "number" ? durationText(value) : "");
const money = (value: unknown): string => (typeof value === "number" ? moneyText(value) : "price not known");
const inside = (value: unknown, name: string): string => (isData(value) ? text(value[name]) : "");
const joined = (...parts: readonly string[]): string => parts.filter((part) => part !== "").join(" · ");
const many = (value: unknown, one: string): string => {
  const n = Array.isArray(value) ? value.length : 0;
  return `${n} ${one}${n === 1 ? "" : "s"}`;
};
const call = (data: Data): string => {
  const args = isData(data.arguments) ? data.arguments : {};
  return `${verbOf(text(data.tool))} ${subjectOf(args)}`.trim();
};

const SAY: Readonly<Record<string, (data: Data) => string>> = {
  "message.posted": (d) => text(d.content),
  "room.created": (d) => text(d.title),
  "room.renamed": (d) => text(d.title),
  "run.queued": (d) => joined(inside(d.agent, "name"), `${count(d.ahead)} ahead`),
  "run.started": (d) => joined(inside(d.agent, "name"), text(d.mode)),
  "run.completed": (d) => time(d.duration_ms),
  "run.failed": (d) => inside(d.error, "message"),
  "run.cancelled": (d) => text(d.reason),
  "model.called": (d) =>
    joined(
      text(d.model),
      time(d.duration_ms),
      `${(count(d.input_tokens) + count(d.output_tokens)).toLocaleString("en")} tokens`,
      money(d.cost_usd),
    ),
  "model.failed": (d) =>
    joined(text(d.model), inside(d.error, "message"), d.cost_usd === undefined ? "" : `counts ${money(d.cost_usd)}`),
  "model.used": (d) => joined(text(d.purpose), text(d.model), money(d.cost_usd)),
  "context.retrieved": (d) => many(d.items, "thing"),
  "memory.learned": (d) => joined(text(d.purpose), many(d.memory_ids, "memory").replace("memorys", "memories")),
  "toolcall.requested": (d) => joined(call(d), text(d.decision).replaceAll("_", " ")),
  "toolcall.failed": (d) => inside(d.error, "message"),
  "toolcall.denied": (d) => text(d.reason),
  "toolcall.indeterminate": (d) => text(d.reason),
  "toolcall.succeeded": (d) => text(d.result),
  "toolcall.delegated": (d) => inside(d.agent, "name"),
  "approval.requested": (d) => (d.kind === "plan" ? "A plan" : text(d.title) || call(d)),
  "approval.approved": (d) => text(d.note),
  "approval.rejected": (d) => text(d.note),
  "approval.responded": (d) => text(d.note),
  "plan.created": (d) => many(d.steps, "step"),
  "plan.edited": (d) => joined(many(d.steps, "step"), `version ${count(d.version)}`),
  "plan.refused": (d) => (Array.isArray(d.problems) ? d.problems.map(text).join("; ") : ""),
  "plan.commented": (d) => text(d.comment),
  "step.started": (d) => joined(text(d.title), inside(d.agent, "name"), count(d.try) > 1 ? `try ${count(d.try)}` : ""),
  "step.completed": (d) => joined(time(d.duration_ms), text(d.output)),
  "step.failed": (d) => inside(d.error, "message"),
  "step.skipped": (d) => text(d.reason),
  "agent.registered": (d) => text(d.name),
  "agent.updated": (d) => joined(text(d.name), `version ${count(d.version)}`),
  "agent.removed": (d) => text(d.name),
  "device.connected": (d) => joined(text(d.name), text(d.folder)),
  "device.disconnected": (d) => text(d.reason),
  "incident.opened": (d) => joined(text(d.severity), text(d.title)),
  "incident.resolved": (d) => text(d.resolution),
  "event.redacted": (d) => (isData(d.of) ? `of event ${count(d.of.seq)}: ${text(d.reason)}` : ""),
  "artifact.stored": (d) => `${count(d.bytes).toLocaleString("en")} bytes`,
  "artifact.kept": (d) => joined(text(d.name), `${count(d.bytes).toLocaleString("en")} bytes`),
};

// What has no sentence of its own: its first words that are no id.
const otherwise = (data: Data): string =>
  ["title", "name", "reason", "tool", "engine", "host", "message"]
    .map((name) => text(data[name]))
    .filter((word) => word !== "")
    .join(" · ");

/** What an event says, in a line that may be empty. */
export const sayEvent = ({ type, data }: Pick<LogEntry, "type" | "data">): string => {
  if (data === null) return "Its words were taken out of the log";
  const say = Object.hasOwn(SAY, type) ? SAY[type] : undefined;
  const said = (say ?? otherwise)(data);
  // Cut before it is looked through: a result may be very long.
  const line = harmlessLine(
    said
      .slice(0, LONGEST * 2)
      .replaceAll(/\s+/g, " ")
      .trim(),
  );
  return line.length > LONGEST ? `${line.slice(0, LONGEST).toWellFormed()}…` : line;
};

/** The colour of an event: what went wrong, what waits, what came to its end. */
export const toneOf = (type: string): Tone => {
  const [family = "", what = ""] = type.split(".");
  if (/failed|denied|indeterminate|expired|refused|rejected|opened|alerted/.test(what)) return "danger";
  if (what === "requested" && family === "approval") return "warn";
  if (/completed|succeeded|approved|resolved/.test(what)) return "ok";
  if (family === "run" || family === "message") return "accent";
  return "calm";
};

/** Who did it: a name where one is known. */
export const actorOf = (principal: string, names: ReadonlyMap<string, string>): string => {
  const [kind = "", id = ""] = principal.split(":");
  if (kind === "user") return "You";
  if (kind === "agent") return harmlessLine(names.get(id) ?? "An agent");
  return harmlessLine(id || principal);
};
