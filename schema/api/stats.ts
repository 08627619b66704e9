// What became of a user's work over some days, and which models and agents did it (document 5).
import { z } from "zod";
import { Instant } from "./common.ts";

export const StatsQuery = z.object({
  days: z.coerce
    .number()
    .int()
    .min(1)
    .max(366)
    .default(7)
    .meta({ description: "How many days, today (UTC) and those before it", example: 7 }),
});

const ModelStats = z.object({
  tasks: z.int().meta({ description: "Model calls that were answered; a task may take several", example: 280 }),
  tokens_in: z.int().meta({ example: 45_000 }),
  tokens_out: z.int().meta({ example: 120_000 }),
  cost_usd: z
    .number()
    .optional()
    .meta({ description: "Absent where nothing was paid, or no price is known", example: 2.85 }),
});

export const Stats = z
  .object({
    period: z.object({ start: Instant, end: Instant.meta({ description: "The end of today, UTC" }) }),
    tasks: z.object({
      total: z.int().meta({ description: "Runs that were begun", example: 342 }),
      successful: z.int().meta({ example: 318 }),
      failed: z.int().meta({ example: 24 }),
      success_rate: z.number().nullable().meta({ description: "Of those that ended well or failed", example: 0.93 }),
    }),
    by_model: z.record(z.string(), ModelStats).meta({ description: "By `provider/model`" }),
    by_agent: z
      .record(z.string(), z.int())
      .meta({ description: "Runs by agent; those of deleted projects are not in" }),
    by_day: z.array(
      z.object({
        day: z.string().meta({ example: "2026-11-21" }),
        tasks: z.int(),
        successful: z.int(),
        failed: z.int(),
        tokens_in: z.int(),
        tokens_out: z.int(),
        cost_usd: z.number(),
      }),
    ),
  })
  .meta({ id: "Stats", description: "Statistics over some days, over all projects. A few seconds old" });
export type Stats = z.infer<typeof Stats>;
