// Which event is looked at, as the page's address says it.
import { z } from "zod";

/** `?seq=42`. What is no sequence number is none. */
export const SeqSearch = z.object({ seq: z.int().min(1).optional().catch(undefined) });
