// Incidents of a space: opened once under a key, listed, resolved once.
import { CLOCK } from "#domain/engines/external-run.ts";
import { actingFor } from "#domain/events/acting.ts";
import { incidentIdOf, roomIdOf, runIdOf } from "#domain/events/ids.ts";
import { type IncidentReport, openIncident, resolveIncident } from "#domain/incidents/incidents.ts";
import { keyOfCursor, pageById } from "#domain/paging.ts";
import type { Page, PageQuery } from "#schema/api/common.ts";
import type { Incident, IncidentStatus, OpenIncidentBody } from "#schema/api/incidents.ts";
import type { Fact } from "#schema/events/index.ts";
import type { IncidentId } from "#schema/ids.ts";
import type { SpaceCaller } from "#schema/principal.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { IncidentRow } from "#schema/space/read-models.ts";
import type { Core } from "./core.ts";

/** The facts that open an incident of the house's own; none where there is nothing to tell, or it was told before. */
export const incidentOnce = ({ tables, given }: Core, report: IncidentReport | null): Fact[] => {
  if (report === null) return [];
  const [earlier = null] = tables.incidents.find("where idempotency_key = ?", report.idempotencyKey);
  const opened = openIncident(report, earlier, CLOCK, given());
  return opened.ok ? [...opened.value.decision.facts] : [];
};

export class Incidents {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  open(caller: SpaceCaller, body: OpenIncidentBody): Result<{ incident: Incident; opened: boolean }> {
    const { tables, commit } = this.#core;
    const { room_id = null, run_id = null, idempotency_key = null, ...said } = body;
    const run = run_id === null ? null : tables.runs.get(run_id);
    if (run_id !== null && run === null) return refuse("not_found", "there is no such run");
    if (room_id !== null && tables.rooms.get(room_id)?.deleted !== false)
      return refuse("not_found", "there is no such room");
    if (run !== null && room_id !== null && run.roomId !== room_id)
      return refuse("invalid_request", "the run is not one of that room");
    const [earlier = null] =
      idempotency_key === null ? [] : tables.incidents.find("where idempotency_key = ?", idempotency_key);
    const report = {
      ...said,
      roomId: room_id ?? (run === null ? null : roomIdOf(run.roomId)),
      runId: run_id,
      idempotencyKey: idempotency_key,
    };
    const decided = openIncident(report, earlier, actingFor(caller), this.#core.given());
    if (!decided.ok) return decided;
    const { id, opened, decision } = decided.value;
    commit.apply(decision);
    const incident = this.view(id);
    return incident.ok ? ok({ incident: incident.value, opened }) : incident;
  }

  /** Newest first. */
  list(status: IncidentStatus | null, page: PageQuery): Result<Page<Incident>> {
    const before = keyOfCursor(page.cursor) ?? "inc_~";
    const { incidents } = this.#core.tables;
    const { rows, limit } =
      status === null
        ? incidents.window(page.limit, "where id < ? order by id desc limit ?", before)
        : incidents.window(page.limit, "where id < ? and status = ? order by id desc limit ?", before, status);
    return ok(pageById(rows, limit, (row) => this.#view(row)));
  }

  view(id: IncidentId): Result<Incident> {
    const row = this.#core.tables.incidents.get(id);
    return row === null ? refuse("not_found") : ok(this.#view(row));
  }

  resolve(caller: SpaceCaller, id: IncidentId, resolution: string | null): Result<Incident> {
    const row = this.#core.tables.incidents.get(id);
    if (row === null) return refuse("not_found");
    const decided = resolveIncident(row, resolution, actingFor(caller));
    if (!decided.ok) return decided;
    this.#core.commit.apply(decided.value);
    return this.view(id);
  }

  #view(row: IncidentRow): Incident {
    return {
      id: incidentIdOf(row.id),
      project_id: this.#core.owner().projectId,
      title: row.title,
      severity: row.severity,
      status: row.status,
      details: row.details,
      room_id: row.roomId === null ? null : roomIdOf(row.roomId),
      run_id: row.runId === null ? null : runIdOf(row.runId),
      opened_by: row.openedBy,
      opened_at: row.openedAt,
      resolved_by: row.resolvedBy,
      resolved_at: row.resolvedAt,
      resolution: row.resolution,
    };
  }
}
