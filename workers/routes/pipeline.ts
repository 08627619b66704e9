// The pipeline of a project as a snapshot, with an ETag: who has it already is told so.
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { WorkspaceHeader } from "#schema/api/events.ts";
import { PipelineProjection, PipelineQuery } from "#schema/api/pipeline.ts";
import type { AppEnv } from "../context.ts";
import { unwrap } from "../errors.ts";
import { guarded, guardedErrors, said } from "../openapi.ts";

const Headers = WorkspaceHeader.extend({
  "if-none-match": z.string().max(400).optional().meta({ description: "An `ETag` that was answered before" }),
});

const projection = createRoute({
  method: "get",
  path: "/pipeline/projection",
  operationId: "projectPipeline",
  summary: "Where every run stands",
  description:
    "Six stages: `intake` (queued), `planned`, `awaiting_approval`, `running`, `review` (ended, but failed or with an open incident, a " +
    "failed step or an effect nobody knows the outcome of), `done`.",
  tags: ["runs"],
  ...guarded("read"),
  request: { headers: Headers, query: PipelineQuery },
  responses: {
    200: said("The snapshot", PipelineProjection),
    304: { description: "It is still the one of `If-None-Match`" },
    ...guardedErrors(),
  },
});

export const pipeline = new OpenAPIHono<AppEnv>().openapi(projection, async (c) => {
  const headers = c.req.valid("header");
  const { space, caller } = c.var.scope.reach(c.var.scope.project(headers["x-workspace-id"]));
  const snapshot = unwrap(await space.pipeline(caller, c.req.valid("query").limit));
  const tag = `"${snapshot.version}"`;
  c.header("etag", tag);
  c.header("cache-control", "private, no-cache");
  const known = (headers["if-none-match"] ?? "").split(",").map((one) => one.trim().replace(/^W\//, ""));
  return known.includes(tag) ? c.body(null, 304) : c.json(snapshot, 200);
});
