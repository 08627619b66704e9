// A user's money: the limit of a month, and what of it is gone.
import { z } from "zod";
import { idOf } from "../ids.ts";
import { Instant } from "./common.ts";

const Limit = z
  .number()
  .min(0)
  .max(1_000_000)
  .nullable()
  .meta({ description: "US dollars all projects together may spend in a month (UTC); null: no limit", example: 20 });
const AlertAt = z
  .number()
  .min(0.01)
  .max(1)
  .meta({ description: "The part of a limit that is told when it is spent", example: 0.8 });
const spent = z.number().meta({ description: "US dollars, calls that ended", example: 3.2 });
const reserved = z.number().meta({ description: "US dollars, held for calls that are out", example: 0.05 });

export const Budget = z
  .object({
    monthly_budget_usd: Limit,
    alert_at: AlertAt,
    month: z.string().meta({ description: "The month of the figures, UTC", example: "2026-11" }),
    resets_at: Instant,
    spent_usd: spent,
    reserved_usd: reserved,
    remaining_usd: z
      .number()
      .nullable()
      .meta({ description: "What new calls may still reserve; null: no limit", example: 16.75 }),
    projects: z.array(z.object({ project_id: idOf("project"), spent_usd: spent, reserved_usd: reserved })),
  })
  .meta({ id: "Budget", description: "The budget of the month that is, over all projects" });
export type Budget = z.infer<typeof Budget>;

export const UpdateBudgetBody = z
  .strictObject({ monthly_budget_usd: Limit.optional(), alert_at: AlertAt.optional() })
  .meta({ id: "UpdateBudgetBody", description: "What to change; what is not named stays" });
export type UpdateBudgetBody = z.infer<typeof UpdateBudgetBody>;
