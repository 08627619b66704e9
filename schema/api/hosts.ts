// Hosts of the web that the agents of a project may read from without asking.
import { z } from "zod";
import { idOf } from "../ids.ts";
import { Instant, pageOf } from "./common.ts";

const host = z
  .string()
  .min(1)
  .max(300)
  .meta({ description: "The exact host, with its port unless that is 443", example: "docs.example.org" });

export const AllowedHost = z
  .object({
    host,
    approval_id: idOf("approval").nullable().meta({ description: "The approval whose yes allowed it" }),
    allowed_by: z.string(),
    allowed_at: Instant,
  })
  .meta({ id: "AllowedHost", description: "A host agents may read from without asking" });
export type AllowedHost = z.infer<typeof AllowedHost>;
export const AllowedHostPage = pageOf(AllowedHost, "AllowedHostPage");

export const HostPath = z.object({ host });
