// Capabilities: rights for engines and agents in one project, passed on only narrower (api.md C).
import { z } from "zod";
import { idOf } from "../ids.ts";
import { GrantableScope } from "../principal.ts";
import { Instant } from "./common.ts";

const Name = z.string().trim().min(1).max(80).meta({ description: "What it is for", example: "build engine" });
const CapabilityPrincipal = z
  .string()
  .max(80)
  .regex(/^(agent|service):[\w.-]+$/, "must be service:<name> or agent:<id>")
  .meta({ description: "Who acts with it; stands on every event it causes", example: "service:engine-1" });
const Actions = z
  .array(z.string().max(80))
  .max(50)
  .meta({ description: "Registered actions it may take", example: ["message.post", "external.write"] });
const Ttl = z.int().min(1).max(7_776_000).meta({ description: "How long it lives; at most 90 days", example: 3600 });

export const GrantCapabilityBody = z
  .strictObject({
    name: Name,
    principal: CapabilityPrincipal,
    scopes: z.array(GrantableScope).min(1),
    actions: Actions.optional().meta({ description: "Default: those that stay inside the project" }),
    ttl_seconds: Ttl,
  })
  .meta({ id: "GrantCapabilityBody", description: "A new capability" });
export type GrantCapabilityBody = z.infer<typeof GrantCapabilityBody>;

export const DelegateCapabilityBody = z
  .strictObject({
    name: Name,
    principal: CapabilityPrincipal.optional().meta({
      description: "The same, or a part of it: `service:engine-1.worker`. Default: the same",
    }),
    scopes: z.array(GrantableScope).min(1).optional().meta({ description: "Default: all it has itself" }),
    actions: Actions.optional().meta({ description: "Default: all it has itself" }),
    ttl_seconds: Ttl.optional().meta({ description: "It ends with the one it comes from at the latest" }),
  })
  .meta({ id: "DelegateCapabilityBody", description: "A narrower capability, passed on" });
export type DelegateCapabilityBody = z.infer<typeof DelegateCapabilityBody>;

export const Capability = z
  .object({
    id: idOf("capability").meta({ example: "cap_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
    project_id: idOf("project"),
    parent_id: idOf("capability").nullable().meta({ description: "The one it was passed on by" }),
    depth: z.int().meta({ description: "1 for one a person granted; at most 5" }),
    name: Name,
    principal: z.string(),
    scopes: z.array(GrantableScope),
    actions: z.array(z.string()),
    hint: z.string().meta({ description: "The token's first characters", example: "rtc_5F2A" }),
    created_at: Instant,
    expires_at: Instant,
    revoked_at: Instant.nullable().meta({ description: "When it, or one it comes from, was revoked" }),
  })
  .meta({ id: "Capability", description: "A right in one project, without its token" });
export type Capability = z.infer<typeof Capability>;

export const CreatedCapability = Capability.extend({
  token: z.string().meta({ description: "The bearer token; shown this once" }),
}).meta({ id: "CreatedCapability", description: "A new capability with its token" });
export type CreatedCapability = z.infer<typeof CreatedCapability>;

export const CapabilityList = z
  .object({ items: z.array(Capability), next_cursor: z.null() })
  .meta({ id: "CapabilityList", description: "The project's capabilities, newest first" });

export const CapabilityPath = z.object({
  capability_id: idOf("capability").meta({ description: "The capability", example: "cap_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
});
