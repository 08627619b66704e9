// The union of all events; built here and nowhere else.
import { z } from "zod";
import { approvalEvents } from "./approvals.ts";
import { contextEvents } from "./context.ts";
import { egressEvents } from "./egress.ts";
import { engineEvents } from "./engines.ts";
import type { FactContext, StreamType } from "./envelope.ts";
import { incidentEvents } from "./incidents.ts";
import { logEvents } from "./log.ts";
import { planEvents, stepEvents } from "./plans.ts";
import { policyEvents } from "./policy.ts";
import { roomEvents } from "./rooms.ts";
import { runEvents, toolCallEvents } from "./runs.ts";
import { agentEvents, deviceEvents, spaceEvents } from "./space.ts";

export const SpaceEvent = z.discriminatedUnion("type", [
  ...spaceEvents,
  ...agentEvents,
  ...deviceEvents,
  ...roomEvents,
  ...runEvents,
  ...planEvents,
  ...stepEvents,
  ...toolCallEvents,
  ...approvalEvents,
  ...engineEvents,
  ...incidentEvents,
  ...policyEvents,
  ...egressEvents,
  ...contextEvents,
  ...logEvents,
]);
/** Any event of a space: type, version and data. */
export type SpaceEvent = z.infer<typeof SpaceEvent>;
export type EventType = SpaceEvent["type"];
/** The event of one type. */
export type EventOf<T extends EventType> = Extract<SpaceEvent, { type: T }>;

/** A fact on its way into the log: an event, its place, and who is behind it. */
export type Fact = SpaceEvent & {
  readonly stream: { readonly type: StreamType; readonly id: string };
  readonly room_id: string | null;
  readonly run_id: string | null;
  readonly context: FactContext;
};

/** An event as read models and listeners see it. */
export type LoggedEvent = SpaceEvent & {
  readonly seq: number;
  readonly event_id: string;
  readonly at: string;
  readonly stream_type: string;
  readonly stream_seq: number;
  readonly principal: string;
  readonly room_id: string | null;
  readonly run_id: string | null;
};

/** A live-only notice: never stored, no sequence number. */
export type Signal =
  | {
      readonly type: "message.delta";
      readonly room_id: string;
      readonly run_id: string;
      readonly data: {
        readonly run_id: string;
        readonly message_id: string;
        readonly attempt: number;
        readonly offset: number;
        readonly text: string;
      };
    }
  | {
      readonly type: "message.discarded";
      readonly room_id: string;
      readonly run_id: string;
      readonly data: { readonly run_id: string; readonly message_id: string; readonly attempt: number };
    }
  | {
      readonly type: "agent.status_changed";
      readonly room_id: string | null;
      readonly run_id: string | null;
      readonly data: { readonly agent_id: string; readonly name: string; readonly status: "ready" | "busy" | "error" };
    }
  | {
      readonly type: "step.progress";
      readonly room_id: string;
      readonly run_id: string;
      /** What a step's model says as it says it; only a run's own answer is streamed as message.delta. */
      readonly data: {
        readonly run_id: string;
        readonly step_id: string;
        readonly attempt: number;
        readonly offset: number;
        readonly text: string;
      };
    };
