// API keys for programs: made, listed, revoked. A key never carries more scopes than the credential that makes it.
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { ApiKeyList, CreateApiKeyBody, CreatedApiKey } from "#schema/api/accounts.ts";
import { Ok } from "#schema/api/common.ts";
import { idOf } from "#schema/ids.ts";
import type { AppEnv } from "../context.ts";
import { refuseRequest, unwrap } from "../errors.ts";
import { actionErrors, guarded, guardedErrors, json, said } from "../openapi.ts";

const KeyPath = z.object({
  key_id: idOf("apiKey").meta({ description: "The key", example: "key_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
});

const list = createRoute({
  method: "get",
  path: "/auth/keys",
  operationId: "listApiKeys",
  summary: "List API keys",
  description:
    "All of them on one page: an account has at most 100. A key whose time is over is listed, and counts, until it " +
    "is revoked. Secrets are never shown again.",
  tags: ["accounts"],
  ...guarded("account"),
  responses: { 200: said("The account's keys, newest first", ApiKeyList), ...guardedErrors() },
});

const create = createRoute({
  method: "post",
  path: "/auth/keys",
  operationId: "createApiKey",
  summary: "Make an API key",
  description: "The secret is shown in this answer and never again.",
  tags: ["accounts"],
  ...guarded("account"),
  request: { body: json(CreateApiKeyBody) },
  responses: { 201: said("The key and its secret", CreatedApiKey), ...actionErrors("quota_exceeded") },
});

const revoke = createRoute({
  method: "delete",
  path: "/auth/keys/{key_id}",
  operationId: "revokeApiKey",
  summary: "Revoke an API key",
  description:
    "The key is gone from the list too; a repeat is answered with 404. A live stream that was opened with it lives " +
    "on for at most 15 minutes.",
  tags: ["accounts"],
  ...guarded("account"),
  request: { params: KeyPath },
  responses: { 200: said("It is refused from now on", Ok), ...guardedErrors("not_found") },
});

export const apiKeys = new OpenAPIHono<AppEnv>()
  .openapi(list, async (c) => c.json({ items: await c.var.scope.apiKeys.list(), next_cursor: null }, 200))
  .openapi(create, async (c) => {
    const body = c.req.valid("json");
    const held = c.var.scope.user.principal.scopes;
    if (!body.scopes.every((scope) => held.includes(scope)))
      return refuseRequest("insufficient_scope", "a key cannot carry a scope you do not have");
    const { mintId, now } = c.var.services;
    return c.json(unwrap(await c.var.scope.apiKeys.create(mintId("apiKey"), body, now())), 201);
  })
  .openapi(revoke, async (c) => {
    const { key_id } = c.req.valid("param");
    return c.json(unwrap(await c.var.scope.apiKeys.remove(key_id)), 200);
  });
