// How the CLI describes a frame of the chat stream it acts on: its name, and those of its fields that are used.
import { z } from "zod";

/** The schema of one frame. */
export const frame = <N extends string, S extends z.ZodRawShape>(event: N, data: S) =>
  z.object({ event: z.literal(event), data: z.object(data) });
