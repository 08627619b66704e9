// Incidents: something went wrong and somebody should know (api.md C).
import { z } from "zod";
import { idOf } from "../ids.ts";
import { Instant, PageQuery, pageOf } from "./common.ts";

export const IncidentSeverity = z.enum(["low", "medium", "high", "critical"]);
export const IncidentStatus = z.enum(["open", "resolved"]);
export type IncidentStatus = z.infer<typeof IncidentStatus>;

const text = (longest: number) => z.string().max(longest);

export const Incident = z
  .object({
    id: idOf("incident").meta({ example: "inc_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
    project_id: idOf("project"),
    title: z.string(),
    severity: IncidentSeverity,
    status: IncidentStatus,
    details: z.string(),
    room_id: idOf("room").nullable(),
    run_id: idOf("run").nullable(),
    opened_by: z.string().meta({ example: "service:builder-1" }),
    opened_at: Instant,
    resolved_by: z.string().nullable(),
    resolved_at: Instant.nullable(),
    resolution: z.string().nullable(),
  })
  .meta({ id: "Incident", description: "Something that went wrong" });
export type Incident = z.infer<typeof Incident>;
export const IncidentPage = pageOf(Incident, "IncidentPage");

export const IncidentPath = z.object({
  incident_id: idOf("incident").meta({ description: "The incident", example: "inc_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
});
export const IncidentQuery = PageQuery.extend({ status: IncidentStatus.optional() });
export const OpenIncidentBody = z
  .strictObject({
    title: text(200).trim().min(1).meta({ example: "The nightly build is red" }),
    severity: IncidentSeverity,
    details: text(20_000).default(""),
    room_id: idOf("room").optional(),
    run_id: idOf("run").optional(),
    idempotency_key: z
      .string()
      .regex(/^[\x21-\x7e]{1,200}$/, "1 to 200 visible ASCII characters")
      .optional()
      .meta({ description: "The same incident is not opened twice under it", example: "nightly-2026-11-21" }),
  })
  .meta({ id: "OpenIncidentBody", description: "What went wrong" });
export type OpenIncidentBody = z.infer<typeof OpenIncidentBody>;
export const ResolveIncidentBody = z
  .strictObject({ resolution: text(2_000).optional().meta({ example: "The disk was full; it has been enlarged" }) })
  .meta({ id: "ResolveIncidentBody", description: "How it was resolved" });
