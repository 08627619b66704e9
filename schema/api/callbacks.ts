// Callbacks from outside clocks.
import { z } from "zod";

export const CallbackHeaders = z.object({
  "upstash-signature": z
    .string()
    .max(4096)
    .optional()
    .meta({ description: "A token over this URL and the body, by one of the two signing keys" }),
});

export const Callback = z
  .object({
    ok: z.literal(true),
    repeated: z.boolean().meta({ description: "It had been taken before: nothing was done", example: false }),
  })
  .meta({ id: "Callback", description: "The callback was taken" });
