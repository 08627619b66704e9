// Taking a person's words out of the log. Which fields of which event are somebody's words is said here, for every event
// there is: a new one does not compile without its row. Paths go through objects by name and through lists by `*`.
import type { EventOf, EventType } from "#schema/events/index.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { Decision, Given } from "../runs/work.ts";
import type { Acting } from "./acting.ts";
import { fact } from "./facts.ts";

/** Stands where words stood. */
export const REDACTED = "[redacted]";

/**
 * The fields that hold words of a user or a model. `[]`: nothing in the row itself, but what it points to. Null: this event
 * cannot be redacted, for it holds no such words, or the space still works by them (an agent's configuration).
 */
const WORDS: { readonly [K in EventType]: readonly string[] | null } = {
  "space.initialized": null,
  "space.reset": null,
  "agent.registered": null,
  "agent.updated": null,
  "agent.removed": null,
  "device.connected": ["name", "folder"],
  "device.disconnected": ["reason"],
  "device.result_ignored": null,
  "room.created": ["title"],
  "room.renamed": ["title"],
  "room.deleted": null,
  "room.zone_set": null,
  "room.forked": ["title"],
  "thread.created": ["title"],
  "message.posted": ["content", "metadata", "citations.*.title"],
  "run.queued": null,
  "run.started": null,
  "run.completed": null,
  "run.failed": ["error.message"],
  "run.cancelled": ["reason"],
  "model.called": ["text"],
  "model.failed": ["error.message"],
  "model.used": null,
  "memory.learned": null,
  "context.retrieved": ["items.*.title"],
  "toolcall.requested": ["arguments"],
  "toolcall.edited": ["arguments"],
  "toolcall.dispatched": null,
  "toolcall.succeeded": ["result"],
  "toolcall.failed": ["error.message"],
  "toolcall.denied": ["reason"],
  "toolcall.answered": ["content"],
  "toolcall.indeterminate": ["reason"],
  "toolcall.cancelled": null,
  "artifact.stored": [],
  "approval.requested": ["arguments", "title"],
  "approval.held": ["note"],
  "approval.approved": ["note", "arguments"],
  "approval.rejected": ["note"],
  "approval.responded": ["note"],
  "approval.expired": null,
  "approval.superseded": null,
  "approval.cancelled": null,
  "run.requested": ["title", "input"],
  "run.claimed": null,
  "run.lease_released": ["reason"],
  "run.lease_expired": null,
  "run.attempt_failed": ["error.message"],
  "external_run.started": null,
  "external_run.completed": ["output"],
  "external_run.failed": ["error.message"],
  "external_run.cancelled": ["reason"],
  "external_step.started": ["title"],
  "external_step.completed": ["output"],
  "external_step.failed": ["error.message"],
  "external_step.cancelled": null,
  "artifact.kept": ["name", "content"],
  "incident.opened": ["title", "details"],
  "incident.resolved": ["resolution"],
  "policy.kill_switch_set": ["reason"],
  "egress.host_allowed": null,
  "egress.host_withdrawn": null,
  "budget.alerted": null,
  "plan.created": ["steps.*.title", "steps.*.instruction"],
  "plan.refused": ["problems.*"],
  "plan.submitted": null,
  "plan.edited": ["steps.*.title", "steps.*.instruction"],
  "plan.commented": ["comment"],
  "step.started": ["title", "instruction"],
  "step.completed": ["output"],
  "step.failed": ["error.message"],
  "step.skipped": ["reason"],
  "step.cancelled": null,
  "toolcall.delegated": null,
  "event.redacted": null,
};

/** The types of events that can be redacted. */
export const TYPES_WITH_WORDS: readonly string[] = Object.entries(WORDS).flatMap(([type, words]) =>
  words === null ? [] : [type],
);

type Data = Readonly<Record<string, unknown>>;

const isData = (value: unknown): value is Data => typeof value === "object" && value !== null && !Array.isArray(value);

// What the words are replaced by has their shape, so that everything that reads such a field can read it.
const blank = (value: unknown): unknown => {
  if (typeof value === "string") return REDACTED;
  if (Array.isArray(value)) return [];
  return isData(value) ? {} : value;
};

const without = (value: unknown, path: readonly string[]): unknown => {
  const [step, ...rest] = path;
  if (step === undefined) return blank(value);
  if (step === "*") return Array.isArray(value) ? value.map((item) => without(item, rest)) : value;
  return isData(value) && Object.hasOwn(value, step) ? { ...value, [step]: without(value[step], rest) } : value;
};

const BY_NAME: ReadonlyMap<string, readonly string[] | null> = new Map(Object.entries(WORDS));

/** An event's data with every word of a person or a model blanked; null when there is nothing to take out of such an event. */
export const skeletonOf = (type: string, data: Data): Data | null => {
  const paths = BY_NAME.get(type);
  if (paths === undefined || paths === null) return null;
  return paths.reduce((left: Data, path) => {
    const next = without(left, path.split("."));
    return isData(next) ? next : left;
  }, data);
};

/** The event as it stands in the log, and what is still going on around it. */
export interface RedactionState {
  readonly event: {
    readonly seq: number;
    readonly event_id: string;
    readonly type: string;
    readonly room_id: string | null;
    readonly run_id: string | null;
    readonly data: Data;
  };
  /** The run it speaks of has not ended: somebody may still be working by these words. */
  readonly inHand: boolean;
  /** An approval it speaks of is still open: a person is being asked about these words. */
  readonly asked: boolean;
  /** Contents kept outside that belong to it. */
  readonly blobs: readonly string[];
  readonly projectId: string;
}

/** Decides to take an event's words out. */
export const redactEvent = (
  { event, inHand, asked, blobs, projectId }: RedactionState,
  { reason, acting }: { readonly reason: string; readonly acting: Acting },
  given: Pick<Given, "now">,
): Result<Decision> => {
  const skeleton = skeletonOf(event.type, event.data);
  if (skeleton === null) return refuse("not_redactable", `${event.type} holds nobody's words, or is worked by`);
  if (asked) return refuse("not_redactable", "its approval is still open: answer it first");
  if (inHand) return refuse("not_redactable", "its run has not ended: wait for it, or cancel it");
  const { seq, event_id, type, room_id, run_id } = event;
  const data: EventOf<"event.redacted">["data"] = {
    of: { seq, event_id, type },
    reason,
    by: acting.principal,
    skeleton,
  };
  return ok({
    facts: [
      fact(
        "event.redacted",
        data,
        { stream: { type: "space", id: projectId }, roomId: room_id },
        { ...acting, correlationId: run_id, causationId: event_id },
      ),
    ],
    work: [
      { kind: "event.erase", seq, skeleton },
      { kind: "contents.erase", keys: blobs, at: given.now },
    ],
  });
};
