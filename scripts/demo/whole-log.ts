// Every event of a project's log, page after page.
import type { Retinue } from "#client/sdk/retinue.ts";
import type { StoredEvent } from "#schema/api/events.ts";

/** The log of a project, or of one of its rooms, oldest first. */
export const wholeLog = async (api: Retinue, projectId: string, roomId?: string): Promise<StoredEvent[]> => {
  const events: StoredEvent[] = [];
  for (let from: number | null = 0; from !== null; ) {
    const page = await api.events(projectId, { from_seq: from, limit: 100, room_id: roomId });
    events.push(...page.items);
    from = page.next_from_seq;
  }
  return events;
};
