// How events of incidents change the read models.
import type { Evolvers } from "./evolvers.ts";

export const incidentEvolvers: Evolvers<"incident.opened" | "incident.resolved"> = {
  "incident.opened": (draft, { data, at }) =>
    draft.incidents.put(data.incident_id, {
      id: data.incident_id,
      title: data.title,
      severity: data.severity,
      status: "open",
      details: data.details,
      roomId: data.room_id,
      runId: data.run_id,
      openedBy: data.by,
      openedAt: at,
      resolvedBy: null,
      resolvedAt: null,
      resolution: null,
      idempotencyKey: data.idempotency_key,
    }),
  "incident.resolved": (draft, { data, at }) =>
    draft.incidents.change(data.incident_id, () => ({
      status: "resolved",
      resolvedBy: data.by,
      resolvedAt: at,
      resolution: data.resolution,
    })),
};
