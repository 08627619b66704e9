// Facts about incidents: something went wrong and somebody should know. Stream: the incident.
import { z } from "zod";
import { idOf } from "../ids.ts";
import { event } from "./envelope.ts";

export const incidentEvents = [
  event(
    "incident.opened",
    z.object({
      incident_id: idOf("incident"),
      title: z.string(),
      severity: z.enum(["low", "medium", "high", "critical"]),
      details: z.string(),
      room_id: idOf("room").nullable(),
      run_id: idOf("run").nullable(),
      by: z.string(),
      /** Under which the same incident is not opened twice. */
      idempotency_key: z.string().nullable(),
    }),
  ),
  event(
    "incident.resolved",
    z.object({ incident_id: idOf("incident"), by: z.string(), resolution: z.string().nullable() }),
  ),
] as const;
