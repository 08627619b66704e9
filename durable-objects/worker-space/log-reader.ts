// What those who tell others of the log need from the space.
import type { LoggedEvent } from "#schema/events/index.ts";

export interface LogReader {
  after(seq: number, limit: number, roomId: string | null): LoggedEvent[];
  head(): number;
  now(): number;
  /** Done once everything that was written until now is on the disk. */
  stored(): Promise<void>;
}
