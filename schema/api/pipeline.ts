// The pipeline projection (api.md C): a fixed six-stage snapshot of a project's runs, for adapters that show it elsewhere.
import { z } from "zod";
import { idOf } from "../ids.ts";
import { Run } from "./runs.ts";

export const PipelineQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(10).meta({ description: "Newest runs of each stage" }),
});

export const PipelineProjection = z
  .object({
    version: z
      .string()
      .meta({ description: "Stays the same while nothing happens; also the ETag", example: "42-9f86d081884c-10" }),
    project_id: idOf("project"),
    seq: z.int().meta({ description: "The event of the log it holds up to" }),
    stages: z
      .array(
        z.object({
          stage: z.enum(["intake", "planned", "awaiting_approval", "running", "review", "done"]),
          count: z.int(),
          items: z.array(Run).meta({ description: "Newest first, without their `input` and `output`" }),
        }),
      )
      .meta({ description: "Always all six, in this order; every run stands in exactly one" }),
  })
  .meta({ id: "PipelineProjection", description: "Where every run of a project stands" });
export type PipelineProjection = z.infer<typeof PipelineProjection>;
