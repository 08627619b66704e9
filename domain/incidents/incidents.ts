// Incidents: opened by an engine or a person, at most once under one key, and resolved once.

import type { FactContext } from "#schema/events/envelope.ts";
import type { IncidentId, RoomId, RunId } from "#schema/ids.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { IncidentRow } from "#schema/space/read-models.ts";
import { fact, type Place } from "../events/facts.ts";
import { incidentIdOf } from "../events/ids.ts";
import type { Decision, Given } from "../runs/work.ts";

/** What went wrong. */
export interface IncidentReport {
  readonly title: string;
  readonly severity: IncidentRow["severity"];
  readonly details: string;
  readonly roomId: RoomId | null;
  readonly runId: RunId | null;
  readonly idempotencyKey: string | null;
}

const placeOf = (id: string, { roomId, runId }: Pick<IncidentRow, "roomId" | "runId">): Place => ({
  stream: { type: "incident", id },
  roomId,
  runId,
});

const saysTheSame = (row: IncidentRow, report: IncidentReport): boolean =>
  row.title === report.title &&
  row.severity === report.severity &&
  row.details === report.details &&
  row.roomId === report.roomId &&
  row.runId === report.runId;

/** Opens an incident, or finds the one opened under the same key; `opened` tells which. */
export const openIncident = (
  report: IncidentReport,
  earlier: IncidentRow | null,
  context: FactContext,
  given: Given,
): Result<{ readonly id: IncidentId; readonly opened: boolean; readonly decision: Decision }> => {
  if (earlier !== null)
    return saysTheSame(earlier, report)
      ? ok({ id: incidentIdOf(earlier.id), opened: false, decision: { facts: [], work: [] } })
      : refuse("idempotency_mismatch", "an incident with other content was opened under this key");
  const id = given.newId("incident");
  const opened = fact(
    "incident.opened",
    {
      incident_id: id,
      title: report.title,
      severity: report.severity,
      details: report.details,
      room_id: report.roomId,
      run_id: report.runId,
      by: context.principal,
      idempotency_key: report.idempotencyKey,
    },
    placeOf(id, report),
    context,
  );
  return ok({ id, opened: true, decision: { facts: [opened], work: [] } });
};

/** Resolves an incident, once. */
export const resolveIncident = (
  row: IncidentRow,
  resolution: string | null,
  context: FactContext,
): Result<Decision> => {
  if (row.status === "resolved") return refuse("already_resolved", `it was resolved by ${row.resolvedBy ?? "someone"}`);
  const id = incidentIdOf(row.id);
  const resolved = fact(
    "incident.resolved",
    { incident_id: id, by: context.principal, resolution },
    placeOf(id, row),
    context,
  );
  return ok({ facts: [resolved], work: [] });
};
