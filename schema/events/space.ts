// Facts about the space itself, its agents and its devices.
import { z } from "zod";
import { AgentConfig } from "../api/agents.ts";
import { idOf } from "../ids.ts";
import { event } from "./envelope.ts";

export const spaceEvents = [
  event("space.initialized", z.object({ project_id: idOf("project"), owner_id: idOf("user") })),
  event("space.reset", z.object({ cancelled_runs: z.int() })),
  /** The share of a month's budget from which its owner is warned was reached. */
  event(
    "budget.alerted",
    z.object({
      level: z.enum(["project", "user"]),
      limit_usd: z.number(),
      spent_usd: z.number(),
      at: z.number(),
    }),
  ),
] as const;

const Registration = z.object({ agent_id: idOf("agent"), name: z.string(), version: z.int(), config: AgentConfig });

export const agentEvents = [
  event("agent.registered", Registration),
  event("agent.updated", Registration),
  event("agent.removed", z.object({ agent_id: idOf("agent"), name: z.string() })),
] as const;

export const deviceEvents = [
  event(
    "device.connected",
    z.object({
      device_id: idOf("device"),
      name: z.string(),
      folder: z.string(),
      tools: z.array(z.string()),
      read_only: z.boolean(),
    }),
  ),
  event("device.disconnected", z.object({ device_id: idOf("device"), code: z.int(), reason: z.string() })),
  event(
    "device.result_ignored",
    z.object({
      device_id: idOf("device"),
      call_id: z.string(),
      reason: z.enum(["late", "duplicate", "foreign", "malformed"]),
    }),
  ),
] as const;
