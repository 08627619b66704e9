// The policy gate and the kill switch as the API shows them (api.md C).
import { z } from "zod";
import { idOf } from "../ids.ts";
import { Instant } from "./common.ts";

export const EvaluateBody = z
  .strictObject({
    action: z.string().min(1).max(80).meta({ description: "A registered action", example: "external.write" }),
    tool: z.string().max(80).optional().meta({ description: "The tool it would be done with" }),
    room_id: idOf("room").optional().meta({ description: "Where; its zone is the one that counts" }),
    zone: z
      .string()
      .max(40)
      .optional()
      .meta({ description: "For a place that is no room; default: supervised", example: "sandbox" }),
    arguments: z.record(z.string(), z.unknown()).optional(),
    approval_id: idOf("approval").optional().meta({
      description: "An approval it rests on: counts when it is given, for this action and exactly these arguments",
    }),
  })
  .meta({ id: "EvaluateBody", description: "A question to the policy gate" });
export type EvaluateBody = z.infer<typeof EvaluateBody>;

export const PolicyVerdict = z
  .object({
    decision: z.enum(["allow", "deny", "require_approval"]),
    reason_codes: z.array(z.string()).meta({ example: ["writes_outside"] }),
    policy_version: z.string().meta({ example: "2026-11-2" }),
  })
  .meta({ id: "PolicyVerdict", description: "What the gate says now; asking changes nothing" });

export const SetKillSwitchBody = z
  .strictObject({
    external_write: z
      .boolean()
      .meta({ description: "True: nothing is written outside the project any more", example: true }),
    reason: z.string().max(500).optional().meta({ example: "The mail server is being moved" }),
  })
  .meta({ id: "SetKillSwitchBody", description: "Stop every write outside, or let it go on" });
export type SetKillSwitchBody = z.infer<typeof SetKillSwitchBody>;

export const KillSwitch = z
  .object({
    external_write: z.boolean().meta({ description: "True while nothing may be written outside", example: false }),
    forced: z.boolean().meta({ description: "The installation forces it on, whatever is set here", example: false }),
    reason: z.string().nullable().meta({ example: "The mail server is back" }),
    set_by: z.string().nullable().meta({ example: "user:usr_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
    set_at: Instant.nullable(),
  })
  .meta({ id: "KillSwitch", description: "The project's kill switch" });
export type KillSwitch = z.infer<typeof KillSwitch>;
