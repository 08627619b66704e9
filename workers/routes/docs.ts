// The contract, as a document and as a page. The page loads Swagger UI from our own assets and nothing from elsewhere; its
// policy allows no inline script, and inline styles only because Swagger UI draws with them.
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import type { AppEnv } from "../context.ts";
import { errors } from "../errors.ts";

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Retinue API</title>
    <link rel="stylesheet" href="/swagger/swagger-ui.css">
    <link rel="icon" href="data:,">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/swagger/swagger-ui-bundle.js" defer></script>
    <script src="/swagger-init.js" defer></script>
  </body>
</html>
`;

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const page = createRoute({
  method: "get",
  path: "/docs",
  operationId: "getDocs",
  summary: "Read this contract in a browser",
  description: "Swagger UI, loaded from this installation alone. The page needs no token; what is tried from it does.",
  tags: ["service"],
  security: [],
  responses: {
    200: { description: "Swagger UI", content: { "text/html": { schema: z.string() } } },
    ...errors("method_not_allowed"),
  },
});

const document = createRoute({
  method: "get",
  path: "/openapi.json",
  operationId: "getOpenApi",
  summary: "This contract, OpenAPI 3.1",
  description: "Made from the schemas that requests are checked by. The same for every caller.",
  tags: ["service"],
  security: [],
  responses: {
    200: {
      description: "The document",
      content: { "application/json": { schema: z.record(z.string(), z.unknown()) } },
    },
    ...errors("method_not_allowed"),
  },
});

/** The docs, over a function that writes the document; it is written once an isolate. */
export const docsOf = (write: () => object) => {
  let written: Record<string, unknown> | undefined;
  const docs = new OpenAPIHono<AppEnv>();
  docs.openapi(page, (c) => {
    c.header("content-security-policy", POLICY);
    return c.html(PAGE, 200);
  });
  docs.openapi(document, (c) => {
    written ??= { ...write() };
    return c.json(written, 200);
  });
  return docs;
};
