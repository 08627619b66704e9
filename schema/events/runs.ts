// Facts about runs, their model calls and their tool calls. Stream: the run.
import { z } from "zod";
import { AgentConfig } from "../api/agents.ts";
import { BroughtKind } from "../api/brought.ts";
import { Orchestration } from "../api/orchestrator.ts";
import { PlanEstimate } from "../api/plans.ts";
import { idOf } from "../ids.ts";
import { Claimed } from "./claimed.ts";
import { event } from "./envelope.ts";

export const AgentRef = z.object({ id: idOf("agent"), name: z.string(), version: z.int() });

const RunBegin = z.object({
  run_id: idOf("run"),
  mode: z.enum(["direct", "orchestrated"]),
  room_id: idOf("room"),
  thread_id: idOf("thread"),
  input_message_id: idOf("message"),
  step_id: idOf("step"),
  agent: AgentRef,
  /** Money it may spend, US dollars. Absent in runs begun before there were budgets. */
  limit_usd: z.number().nullable().optional(),
  /** Secrets that came with the request and live in memory only. A run that lost one ends, or does without; nothing replaces it. */
  brought: z.array(BroughtKind).optional(),
  /** False: its models are asked anew, whatever was answered before. */
  cache: z.boolean().optional(),
  /** Of an orchestrated run: the rules it goes by, and whom it may give work to. */
  orchestration: Orchestration.optional(),
});

export const Reason = z.object({ code: z.string(), message: z.string() });

/** Why a model was the one that was asked. */
export const ModelRoute = z.object({
  /** As it was configured: a tier, or a model's name. */
  asked: z.string(),
  /** The tier that was made of it; null for an exact model. */
  tier: z.string().nullable(),
  reason: z.string(),
  /** How demanding the request looked, where that decided. */
  complexity: z.number().optional(),
  /** Its place among those that may be asked one after the other. */
  candidate: z.int(),
  of: z.int(),
});

export const runEvents = [
  event("run.queued", RunBegin.extend({ ahead: z.int() })),
  event("run.started", RunBegin.extend({ waited_ms: z.int() })),
  event(
    "run.completed",
    z.object({
      run_id: idOf("run"),
      step_id: idOf("step"),
      output_message_id: idOf("message"),
      duration_ms: z.int(),
      /** Of an orchestrated run: what was expected, next to what it took. */
      estimate: PlanEstimate.optional(),
      actual: z.object({ cost_usd: z.number(), input_tokens: z.int(), output_tokens: z.int() }).optional(),
    }),
  ),
  event("run.failed", z.object({ run_id: idOf("run"), step_id: idOf("step"), error: Reason, duration_ms: z.int() })),
  event(
    "run.cancelled",
    z.object({
      run_id: idOf("run"),
      step_id: idOf("step"),
      by: z.string(),
      reason: z.string().nullable(),
      duration_ms: z.int(),
    }),
  ),
  event(
    "model.called",
    z.object({
      run_id: idOf("run"),
      step_id: idOf("step"),
      iteration: z.int(),
      attempt: z.int(),
      model: z.string(),
      /** Whose model it is. This, and why it was the one that was asked, are absent in calls made before there was a choice. */
      provider: z.string().optional(),
      tier: z.string(),
      route: ModelRoute.optional(),
      input_tokens: z.int(),
      output_tokens: z.int(),
      cost_usd: z.number().nullable(),
      duration_ms: z.int(),
      finish_reason: z.string(),
      /** Answered from memory: nobody was asked and nothing was paid. */
      cached: z.boolean().optional(),
      /** How sure the model was of its words, 0 to 1, where its server says so. */
      confidence: z.number().optional(),
      /** Paid for and put aside: it was not sure enough, and another model is asked. */
      discarded: z.boolean().optional(),
      claimed: Claimed.optional(),
      text: z.string().nullable(),
    }),
  ),
  event(
    "model.failed",
    z.object({
      run_id: idOf("run"),
      step_id: idOf("step"),
      iteration: z.int(),
      attempt: z.int(),
      model: z.string(),
      provider: z.string().optional(),
      error: Reason,
      will_retry: z.boolean(),
      /** What it counts for all the same, at its worst: it broke off, and may have been charged. Absent: nothing. */
      cost_usd: z.number().optional(),
      /** Who is asked next: `provider/model`. */
      next: z.string().optional(),
    }),
  ),
] as const;

export const toolCallEvents = [
  event(
    "toolcall.requested",
    z.object({
      tool_call_id: idOf("toolCall"),
      run_id: idOf("run"),
      step_id: idOf("step"),
      iteration: z.int(),
      provider_call_id: z.string(),
      tool: z.string(),
      tool_version: z.int(),
      arguments: z.record(z.string(), z.unknown()),
      arguments_hash: z.string(),
      decision: z.enum(["allow", "deny", "require_approval"]),
      reason_codes: z.array(z.string()),
      policy_version: z.string(),
    }),
  ),
  event(
    "toolcall.edited",
    z.object({
      tool_call_id: idOf("toolCall"),
      arguments: z.record(z.string(), z.unknown()),
      arguments_hash: z.string(),
    }),
  ),
  /** A colleague works on it: a step of its own in the same run. */
  event("toolcall.delegated", z.object({ tool_call_id: idOf("toolCall"), step_id: idOf("step"), agent: AgentRef })),
  event("toolcall.dispatched", z.object({ tool_call_id: idOf("toolCall"), device_id: idOf("device") })),
  event(
    "toolcall.succeeded",
    z.object({
      tool_call_id: idOf("toolCall"),
      result: z.string(),
      bytes: z.int(),
      truncated: z.boolean(),
      artifact_id: idOf("artifact").nullable(),
    }),
  ),
  event(
    "artifact.stored",
    z.object({
      artifact_id: idOf("artifact"),
      run_id: idOf("run"),
      tool_call_id: idOf("toolCall"),
      bytes: z.int(),
      sha256: z.string(),
      r2_key: z.string(),
    }),
  ),
  event("toolcall.failed", z.object({ tool_call_id: idOf("toolCall"), error: Reason })),
  event("toolcall.denied", z.object({ tool_call_id: idOf("toolCall"), reason: z.string() })),
  event("toolcall.answered", z.object({ tool_call_id: idOf("toolCall"), content: z.string() })),
  event("toolcall.indeterminate", z.object({ tool_call_id: idOf("toolCall"), reason: z.string() })),
  event("toolcall.cancelled", z.object({ tool_call_id: idOf("toolCall") })),
] as const;

export const AgentPin = z.object({ agent: AgentRef, config: AgentConfig });
