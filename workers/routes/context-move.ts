// Moving an agent's context between the stores of this installation, page by page: whoever asks goes on asking until it is done.
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import { AgentPath } from "#schema/api/agents.ts";
import { MoveContextBody, MovedContext } from "#schema/api/context.ts";
import { agentAt } from "../agent-at.ts";
import type { AppEnv } from "../context.ts";
import { unwrap } from "../errors.ts";
import { movedPage } from "../move-context.ts";
import { actionErrors, guarded, json, said } from "../openapi.ts";

const move = createRoute({
  method: "post",
  path: "/agents/{agent_id}/context/move",
  operationId: "moveAgentContext",
  summary: "Move an agent's context to another store",
  description:
    "One page for each call; ask again until `done`. A page is stored and read back before it is taken away from where it was, " +
    "so a call that was lost is simply made again. What was kept is found where it has arrived.",
  tags: ["context"],
  ...guarded("manage"),
  request: { params: AgentPath, body: json(MoveContextBody) },
  responses: {
    200: said("What was moved, and what is left", MovedContext),
    ...actionErrors("not_found", "not_configured", "context_unavailable"),
  },
});

export const contextMove = new OpenAPIHono<AppEnv>().openapi(move, async (c) => {
  const found = await agentAt(c, c.req.valid("param").agent_id);
  const ref = c.var.scope.contextOf(found.project, found.agent);
  return c.json(unwrap(await movedPage(c, { ...found, ref }, c.req.valid("json"))), 200);
});
