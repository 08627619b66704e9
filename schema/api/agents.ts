// Agents: named, versioned configurations inside a project (api.md B).
import { z } from "zod";
import { idOf } from "../ids.ts";
import { Instant, PageQuery, pageOf } from "./common.ts";

export const ModelTier = z
  .enum(["fast", "smart", "local-fast", "local-smart", "cloud-smart", "auto"])
  .meta({ description: "Which kind of model; `auto`: a fast or a smart one, by how demanding the request looks" });
export type ModelTier = z.infer<typeof ModelTier>;

export const AgentStatus = z
  .enum(["ready", "busy", "error"])
  .meta({ description: "error: its last run failed; ready: has a free place; busy: has none" });
export type AgentStatus = z.infer<typeof AgentStatus>;

/** A name as it is called with `@`. Unique in its project, compared case-insensitively. */
export const AgentName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]{0,39}$/, "a letter, then up to 39 letters, digits, _ or -")
  .meta({ description: "Called as @name; unique in its project whatever its case", example: "CodeAssistant" });

/** Tools that run on the user's own device. */
export const DeviceToolName = z.enum(["read_file", "write_file", "list_directory"]);
export type DeviceToolName = z.infer<typeof DeviceToolName>;

export const ToolName = z.enum([...DeviceToolName.options, "web_fetch", "web_search", "call_agent", "memory_write"]);
export type ToolName = z.infer<typeof ToolName>;

export const AgentModel = z.object({
  tier: ModelTier.meta({ example: "smart" }),
  model: z.string().min(1).max(120).optional().meta({
    description: "An exact model instead of the tier's: `name`, or `provider/name`",
    example: "openai/gpt-4o",
  }),
  temperature: z.number().min(0).max(2).optional(),
  max_tokens: z.int().min(1).max(200_000).optional(),
  cache: z.boolean().optional().meta({ description: "False: never give the answer to an identical request again" }),
});

const AgentConfigFields = {
  name: AgentName,
  description: z.string().max(500).meta({ example: "Reads, explains and changes code" }),
  system_prompt: z.string().min(1).max(32_000).meta({ example: "You are a careful programmer." }),
  model: AgentModel,
  tools: z
    .array(ToolName)
    .max(16)
    .meta({ description: "What it may ask for; policy still decides each call", example: ["read_file"] }),
  concurrency_limit: z.int().min(1).max(16).meta({ description: "Turns at once", example: 2 }),
  max_iterations: z.int().min(1).max(50).meta({ description: "Model calls in one turn", example: 8 }),
  timeout_seconds: z
    .int()
    .min(1)
    .max(3600)
    .meta({ description: "Working time of one turn; waiting for a person does not count", example: 300 }),
  approval_required: z.boolean().meta({ description: "Every tool call of this agent asks first, reading too" }),
};

/** An agent's configuration as it is pinned into a run. */
export const AgentConfig = z
  .object(AgentConfigFields)
  .meta({ id: "AgentConfig", description: "An agent's configuration" });
export type AgentConfig = z.infer<typeof AgentConfig>;

export const CreateAgentBody = z
  .strictObject({
    ...AgentConfigFields,
    description: AgentConfigFields.description.default(""),
    model: AgentModel.strict().default({ tier: "smart" }),
    tools: AgentConfigFields.tools.default([]),
    concurrency_limit: AgentConfigFields.concurrency_limit.default(2),
    max_iterations: AgentConfigFields.max_iterations.default(8),
    timeout_seconds: AgentConfigFields.timeout_seconds.default(300),
    approval_required: AgentConfigFields.approval_required.default(false),
  })
  .meta({ id: "CreateAgentBody", description: "A new agent; only a name and a prompt are needed" });
export type CreateAgentBody = z.infer<typeof CreateAgentBody>;

export const UpdateAgentBody = z
  .strictObject({ ...AgentConfigFields, model: AgentModel.strict() })
  .partial()
  .extend({
    if_version: z.int().min(1).optional().meta({ description: "Refuse unless this is still the current version" }),
  })
  .meta({ id: "UpdateAgentBody", description: "What to change; makes a new version" });
export type UpdateAgentBody = z.infer<typeof UpdateAgentBody>;

/** An agent as repositories know it; the routes add its live status. */
export const AgentRecord = AgentConfig.extend({
  id: idOf("agent").meta({ example: "agt_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
  handle: z.string().meta({
    description: "Readable id, accepted wherever the id is",
    example: "userE6R7Y8V9_T5E6R7Y8_CodeAssistant_1",
  }),
  project_id: idOf("project"),
  version: z.int(),
  created_at: Instant,
  updated_at: Instant,
});
export type AgentRecord = z.infer<typeof AgentRecord>;

export const Agent = AgentRecord.extend({ status: AgentStatus }).meta({
  id: "Agent",
  description: "An agent of a project",
});
export type Agent = z.infer<typeof Agent>;
export const AgentPage = pageOf(Agent, "AgentPage");

export const AgentVersion = z
  .object({ version: z.int(), created_at: Instant, config: AgentConfig })
  .meta({ id: "AgentVersion", description: "One version of an agent's configuration" });
export type AgentVersion = z.infer<typeof AgentVersion>;
export const AgentVersionPage = pageOf(AgentVersion, "AgentVersionPage");

export const AgentPath = z.object({
  agent_id: z
    .string()
    .min(1)
    .max(120)
    .meta({ description: "The agent's id or its handle", example: "agt_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
});

export const AgentListQuery = PageQuery.extend({
  project_id: idOf("project").optional().meta({ description: "Default: the default project" }),
});

export const AgentStatusBody = z
  .object({
    agent_id: idOf("agent").meta({ example: "agt_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
    status: AgentStatus.meta({ example: "ready" }),
    running: z.int().meta({ example: 1 }),
    queued: z.int().meta({ example: 0 }),
    concurrency_limit: z.int().meta({ example: 2 }),
    last_error: z.string().nullable().meta({ example: null }),
  })
  .meta({ id: "AgentStatus", description: "What an agent is doing now" });
export type AgentStatusBody = z.infer<typeof AgentStatusBody>;

export const AgentMetrics = z
  .object({
    agent_id: idOf("agent").meta({ example: "agt_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
    runs: z.int().meta({ example: 40 }),
    succeeded: z.int().meta({ example: 36 }),
    failed: z.int().meta({ example: 3 }),
    cancelled: z.int().meta({ example: 1 }),
    success_rate: z
      .number()
      .nullable()
      .meta({ description: "succeeded / (succeeded + failed); null before the first", example: 0.923 }),
    latency_ms: z
      .object({ mean: z.number().nullable(), max: z.number().nullable() })
      .meta({ description: "From start to end of a run", example: { mean: 8_400, max: 61_200 } }),
    model_calls: z.int().meta({ example: 96 }),
    tokens: z.object({ input: z.int(), output: z.int() }).meta({ example: { input: 31_000, output: 4_200 } }),
    cost_usd: z.number().meta({ example: 0.31 }),
    last_run_at: Instant.nullable(),
  })
  .meta({ id: "AgentMetrics", description: "Counts, latency, tokens, cost and success rate since the agent was made" });
export type AgentMetrics = z.infer<typeof AgentMetrics>;
