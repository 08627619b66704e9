// The OpenAPI document as it is served: valid, complete, and kind to its readers.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { app } from "#workers/app.ts";

const Operation = z.looseObject({
  operationId: z.string(),
  summary: z.string(),
  description: z.string().optional(),
  tags: z.array(z.string()).min(1),
  parameters: z.array(z.looseObject({ name: z.string(), in: z.string() })).default([]),
  responses: z.record(z.string(), z.looseObject({ description: z.string() })),
});
const Document = z.looseObject({
  openapi: z.string(),
  tags: z.array(z.object({ name: z.string(), description: z.string() })),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.looseObject({ schemas: z.record(z.string(), z.looseObject({ description: z.string().optional() })) }),
});

const text = await (await app.request("/my/openapi.json")).text();
const document = Document.parse(JSON.parse(text));
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ door: `${method} ${path}`, method, operation })),
);

test("every door is asked before the console's page is: it would answer for any address it is let have", () => {
  const wrangler = readFileSync(resolve("wrangler.toml"), "utf8");
  const first = /^run_worker_first = \[(.*)\]$/m.exec(wrangler)?.[1]?.match(/[^", ]+/g) ?? [];
  const paths = app.routes.filter(({ method }) => method !== "ALL").map(({ path }) => path);
  expect(paths.length).toBeGreaterThan(50);
  const isAsked = (path: string) =>
    first.some((pattern) => (pattern.endsWith("*") ? path.startsWith(pattern.slice(0, -1)) : path === pattern));
  expect(paths.filter((path) => !isAsked(path))).toEqual([]);
});

test("every list that can be gone on with knows its cursors: a made-up one is no end of a list", () => {
  const Pattern = z.looseObject({ pattern: z.string() });
  const cursors = operations.flatMap(({ door, operation }) =>
    operation.parameters.filter(({ name }) => name === "cursor").map(({ schema }) => ({ door, schema })),
  );
  expect(cursors.length).toBeGreaterThan(15);
  expect(cursors.filter(({ schema }) => !Pattern.safeParse(schema).success)).toEqual([]);
});

test("the linter has nothing to say", () => {
  const folder = mkdtempSync(join(tmpdir(), "openapi-"));
  const file = join(folder, "openapi.json");
  writeFileSync(file, text);
  const redocly = resolve("node_modules/.bin/redocly");
  const said = execFileSync(process.execPath, [redocly, "lint", file, "--config", "redocly.yaml", "--format", "json"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" },
  });
  rmSync(folder, { recursive: true });
  const report = z
    .object({ problems: z.array(z.looseObject({ message: z.string() })) })
    .parse(JSON.parse(said.slice(said.indexOf("{"))));
  expect(report.problems).toEqual([]);
});

test("no body takes a field it does not know, at any depth: a misspelt one would be passed over in silence", () => {
  const Shape = z.looseObject({
    $ref: z.string().optional(),
    properties: z.record(z.string(), z.unknown()).optional(),
    additionalProperties: z.unknown().optional(),
  });
  const openIn = (value: unknown, at: string): string[] => {
    const said = Shape.safeParse(value).data;
    if (said === undefined) return Array.isArray(value) ? value.flatMap((one) => openIn(one, at)) : [];
    if (said.$ref !== undefined) return openIn(document.components.schemas[said.$ref.split("/").at(-1) ?? ""], at);
    const { properties = {}, example: _, default: __, additionalProperties, ...rest } = said;
    const isOpen = said.properties !== undefined && additionalProperties !== false;
    return [
      ...(isOpen ? [at] : []),
      ...Object.entries(properties).flatMap(([name, inner]) => openIn(inner, `${at}.${name}`)),
      ...Object.values(rest).flatMap((inner) => openIn(inner, at)),
    ];
  };
  const bodies = operations.flatMap(({ door, operation }) =>
    operation.requestBody === undefined ? [] : [{ door, body: operation.requestBody }],
  );
  expect(bodies.length).toBeGreaterThan(40);
  expect(bodies.flatMap(({ door, body }) => openIn(body, door))).toEqual([]);
});

test("it is OpenAPI 3.1, every operation has a name of its own, and every tag is explained", () => {
  expect(document.openapi).toBe("3.1.0");
  const names = operations.map(({ operation }) => operation.operationId);
  expect(new Set(names).size).toBe(names.length);
  const explained = new Set(document.tags.map(({ name }) => name));
  for (const { door, operation } of operations)
    for (const tag of operation.tags) expect(explained, door).toContain(tag);
});

test("every operation but the socket says what success looks like", () => {
  for (const { door, operation } of operations) {
    const success = Object.keys(operation.responses).some((status) => status.startsWith("2"));
    expect(success, door).toBe(door !== "get /my/projects/{project_id}/device");
  }
});

test("every guarded POST takes an Idempotency-Key", () => {
  for (const { door, method, operation } of operations) {
    const takes = operation.parameters.some(({ name }) => name.toLowerCase() === "idempotency-key");
    const guarded = operation["x-required-scope"] !== undefined;
    expect(takes, door).toBe(method === "post" && guarded);
  }
});

test("every named schema is described", () => {
  for (const [name, schema] of Object.entries(document.components.schemas))
    expect(schema.description, name).toBeTruthy();
});

test("every operation says what its name does not", () => {
  const bare = (text: string) =>
    text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
      .trim();
  const silent = operations.filter(({ operation: { summary, description = "" } }) =>
    ["", bare(summary)].includes(bare(description)),
  );
  expect(silent.map(({ door }) => door)).toEqual([]);
});

test("every named schema has an example: its own, one on a property, or those of what it is made of", () => {
  const Shape = z.looseObject({
    $ref: z.string().optional(),
    properties: z.record(z.string(), z.unknown()).default({}),
  });
  const isShown = (value: unknown, seen: ReadonlySet<string>): boolean => {
    if (Array.isArray(value)) return value.some((one) => isShown(one, seen));
    const said = Shape.safeParse(value).data;
    if (said === undefined) return false;
    if ("example" in said) return true;
    const name = said.$ref?.split("/").at(-1);
    if (name !== undefined && !seen.has(name))
      return isShown(document.components.schemas[name], new Set([...seen, name]));
    const { properties, items, anyOf, oneOf, allOf, additionalProperties } = said;
    return isShown([...Object.values(properties), items, anyOf, oneOf, allOf, additionalProperties].flat(), seen);
  };
  // What a schema may be is its own example only where that is all there is to it.
  const without = Object.entries(document.components.schemas).filter(
    ([name, schema]) => !("enum" in schema || "const" in schema || isShown(schema, new Set([name]))),
  );
  expect(without.map(([name]) => name)).toEqual([]);
});
