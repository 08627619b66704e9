// Facts about runs made for outside engines: who has them, their steps, what they kept, and how they ended. Stream: the run.
// Tool calls and their approvals are the same facts as everywhere.
import { z } from "zod";
import { idOf } from "../ids.ts";
import { event } from "./envelope.ts";

const Json = z.record(z.string(), z.unknown());
const Failure = z.object({ code: z.string(), message: z.string() });
const InRun = z.object({ run_id: idOf("run") });
/** Whose lease it was. The fence grows with every claim, so an older holder's acts are told apart. */
const Held = InRun.extend({ engine: z.string(), fence: z.int() });
const InStep = InRun.extend({ step_id: idOf("step") });

export const engineEvents = [
  event(
    "run.requested",
    InRun.extend({ room_id: idOf("room"), thread_id: idOf("thread"), title: z.string(), input: Json }),
  ),
  event("run.claimed", Held.extend({ ttl_seconds: z.int(), expires_at: z.string() })),
  event("run.lease_released", Held.extend({ reason: z.string().nullable() })),
  event("run.lease_expired", Held),
  /** The engine could not do it and wants it tried again. */
  event("run.attempt_failed", Held.extend({ error: Failure })),
  event("external_run.started", Held),
  event(
    "external_run.completed",
    Held.extend({ output: Json.nullable(), output_message_id: idOf("message").nullable(), duration_ms: z.int() }),
  ),
  event("external_run.failed", InRun.extend({ error: Failure, duration_ms: z.int() })),
  event(
    "external_run.cancelled",
    InRun.extend({ by: z.string(), reason: z.string().nullable(), duration_ms: z.int() }),
  ),
  event(
    "external_step.started",
    InStep.extend({ title: z.string(), ordinal: z.int(), layer: z.int(), depends_on: z.array(idOf("step")) }),
  ),
  event("external_step.completed", InStep.extend({ output: z.string().nullable() })),
  event("external_step.failed", InStep.extend({ error: Failure })),
  event("external_step.cancelled", InStep),
  event(
    "artifact.kept",
    InStep.extend({
      artifact_id: idOf("artifact"),
      kind: z.enum(["text", "json", "uri"]),
      name: z.string(),
      bytes: z.int(),
      sha256: z.string(),
      /** Small ones are here; large ones in blob storage, under `r2_key`. */
      content: z.string().nullable(),
      r2_key: z.string().nullable(),
    }),
  ),
] as const;
