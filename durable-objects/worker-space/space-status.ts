// What the space is doing now, in one answer.
import { agentIdOf, deviceIdOf } from "#domain/events/ids.ts";
import type { SpaceStatus } from "#schema/api/projects.ts";
import type { DeviceRow } from "#schema/space/read-models.ts";
import type { Agents } from "./agents.ts";
import type { Core } from "./core.ts";

/** Gathers the status. */
export const spaceStatus = (
  core: Core,
  agents: Agents,
  devices: readonly DeviceRow[],
  openApprovals: number,
): SpaceStatus => ({
  project_id: core.owner().projectId,
  head: core.log.head,
  agents: agents.named().map(({ name, status }) => ({
    id: agentIdOf(status.agent_id),
    name,
    status: status.status,
    running: status.running,
    queued: status.queued,
    concurrency_limit: status.concurrency_limit,
  })),
  listeners: { sse: core.hub.sse.size, websocket: core.hub.sockets.size },
  devices: devices.map((device) => ({
    id: deviceIdOf(device.id),
    name: device.name,
    folder: device.folder,
    tools: device.tools,
    connected_at: device.connectedAt,
  })),
  open_approvals: openApprovals,
  active_runs: core.tables.turns.size,
  storage_bytes: core.tables.sql.databaseSize,
  rows_written: core.tables.sql.rowsWritten,
});
