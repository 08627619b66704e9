// What an event says of a device that came. An event whose words were taken out says nothing.
import { z } from "zod";

const Connected = z.object({ name: z.string().catch("–"), folder: z.string().catch("–") });

/** Folder and machine of a connection. */
export const connectionOf = (data: unknown): z.infer<typeof Connected> =>
  Connected.safeParse(data).data ?? { name: "–", folder: "–" };
