// What a model server said a call took, where that is more than was agreed before it and so was not counted.
import { z } from "zod";

/** Beside the figures that were counted; absent where they are what the server said. */
export const Claimed = z.object({ input_tokens: z.int(), output_tokens: z.int(), cost_usd: z.number().nullable() });
