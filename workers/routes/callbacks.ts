// The door of the outside clock. Open to everybody, and shut to all whose callback is not signed for exactly this address and
// exactly these bytes.
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import { Callback, CallbackHeaders } from "#schema/api/callbacks.ts";
import type { AppEnv } from "../context.ts";
import { errors, unwrap } from "../errors.ts";
import { said } from "../openapi.ts";

const qstash = createRoute({
  method: "post",
  path: "/callbacks/qstash",
  operationId: "takeQstashCallback",
  summary: "A callback of QStash",
  description:
    "Proven by `Upstash-Signature` alone. The same callback is taken once; one that could not be done is answered with an " +
    "error, and may come again.",
  tags: ["service"],
  security: [],
  request: { headers: CallbackHeaders },
  responses: {
    200: said("It is done, or was done before", Callback),
    ...errors("signature_invalid", "invalid_request", "body_too_large", "not_configured", "internal"),
  },
});

export const callbacks = new OpenAPIHono<AppEnv>().openapi(qstash, async (c) => {
  const body = new Uint8Array(await c.req.arrayBuffer());
  const { "upstash-signature": signature } = c.req.valid("header");
  return c.json(unwrap(await c.var.services.takeCallback(signature, body)), 200);
});
