// What model calls took, summed over days (api.md B).
import { z } from "zod";
import { idOf } from "../ids.ts";

const Sum = {
  calls: z.int().meta({ description: "Model calls that were answered", example: 42 }),
  input_tokens: z.int().meta({ example: 31_000 }),
  output_tokens: z.int().meta({ example: 4_200 }),
  cost_usd: z.number().meta({ description: "US dollars, as far as the models' prices are known", example: 0.31 }),
  unpriced_calls: z
    .int()
    .meta({ description: "Calls whose price is not known, and which cost_usd leaves out", example: 0 }),
};

export const UsageSum = z.object(Sum);
export type UsageSum = z.infer<typeof UsageSum>;

export const UsageGroup = z.enum(["day", "agent", "model"]);
export type UsageGroup = z.infer<typeof UsageGroup>;

export const UsageQuery = z.object({
  days: z.coerce
    .number()
    .int()
    .min(1)
    .max(366)
    .default(30)
    .meta({ description: "How many days, today (UTC) and those before it", example: 30 }),
  project_id: idOf("project").optional().meta({ description: "Only this project; default: all, deleted ones too" }),
  agent_id: idOf("agent").optional().meta({ description: "Only this agent's calls" }),
  group: UsageGroup.default("day").meta({ description: "What the items are sums for" }),
});
export type UsageQuery = z.infer<typeof UsageQuery>;

const Day = z.string().meta({ description: "A day, UTC", example: "2026-11-21" });

export const UsageReport = z
  .object({
    from: Day,
    to: Day,
    group: UsageGroup,
    total: UsageSum,
    items: z.array(
      z.object({
        day: Day.nullable(),
        agent: z
          .object({ id: z.string(), name: z.string() })
          .nullable()
          .meta({ description: "The agent; or, with an id of its own kind, whoever else asked a model" }),
        model: z.string().nullable(),
        ...Sum,
      }),
    ),
  })
  .meta({
    id: "UsageReport",
    description: "What model calls took. Days in order, the newest first; agents and models by cost, the dearest first",
  });
export type UsageReport = z.infer<typeof UsageReport>;
