// The drawing of the house, checked: every source of every room against every rule, and each rule against made-up sources
// that break it, so that silence means something.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { violations } from "./rules.ts";
import { readSource } from "./source-facts.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const ROOMS = [
  "schema",
  "domain",
  "adapters",
  "durable-objects",
  "workers",
  "client",
  "web",
  "scripts",
  "bench",
  "tests",
];

const sources = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && ROOMS.includes(entry.name))
  .flatMap((room) => readdirSync(join(ROOT, room.name), { withFileTypes: true, recursive: true }))
  .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/node_modules|\/dist\//.test(entry.parentPath))
  .map((entry) => join(entry.parentPath, entry.name))
  .map((file) => readSource(relative(ROOT, file), readFileSync(file, "utf8")));

describe("the house", () => {
  it("keeps all of its rules", () => {
    expect(sources.length).toBeGreaterThan(30);
    expect(violations(sources)).toEqual([]);
  });
});

const said = (files: Readonly<Record<string, string>>) =>
  violations(Object.entries(files).map(([path, text]) => readSource(path, text)));

describe("the rules see", () => {
  it.each([
    ["domain", "workers/config.ts"],
    ["schema", "domain/runs/end.ts"],
    ["adapters", "durable-objects/stubs.ts"],
    ["durable-objects", "workers/services.ts"],
    ["client", "workers/app.ts"],
    ["workers", "client/sdk/client.ts"],
    ["client", "adapters/jwt.ts"],
    ["domain", "tests/support/server.ts"],
  ])("an import that points up or sideways: %s to %s", (room, target) => {
    for (const text of [
      `import { a } from "#${target}";`,
      `import type { A } from "../${target}";`,
      `export { a } from "#${target}";`,
      `const a = await import("#${target}");`,
      `type A = import("#${target}").A;`,
    ]) {
      expect(said({ [`${room}/a-file.ts`]: text })).toEqual([
        expect.stringContaining(`${room}/a-file.ts imports ${target}`),
      ]);
    }
  });

  it("a circle of files, types included", () => {
    expect(
      said({
        "domain/a.ts": 'import "./b.ts";',
        "domain/b.ts": 'import type { C } from "./c.ts";',
        "domain/c.ts": 'import "#domain/a.ts";',
      }),
    ).toEqual(["circle: domain/a.ts → domain/b.ts → domain/c.ts → domain/a.ts"]);
  });

  it("a package or a builtin where none belongs", () => {
    expect(said({ "domain/a.ts": 'import { z } from "zod";' })).toHaveLength(1);
    expect(said({ "domain/a.ts": 'import { createHash } from "node:crypto";' })).toHaveLength(1);
    expect(said({ "schema/a.ts": 'import { Hono } from "hono";' })).toHaveLength(1);
    expect(said({ "schema/a.ts": 'import "node:fs";' })).toHaveLength(1);
    expect(said({ "client/a.ts": 'import { env } from "cloudflare:workers";' })).toHaveLength(1);
    expect(
      said({ "schema/a.ts": 'import { z } from "zod";\nimport { text } from "drizzle-orm/sqlite-core";' }),
    ).toEqual([]);
  });

  it("an object named outside the one place", () => {
    expect(said({ "workers/a.ts": 'export const a = (n: N) => n.getByName("x");' })).toHaveLength(1);
    expect(said({ "durable-objects/b.ts": 'export const b = (n: N) => n.get(n.idFromName("x"));' })).toHaveLength(1);
    expect(said({ "durable-objects/stubs.ts": 'export const b = (n: N) => n.getByName("x");' })).toEqual([]);
  });

  it("the global fetch, however it is reached, but not a method or a handed-in one", () => {
    for (const text of [
      'fetch("x");',
      'globalThis.fetch("x");',
      "export const options = { fetch };",
      "const go = fetch;",
      "f(() => fetch(u));",
    ]) {
      expect(said({ "workers/a.ts": text }), text).toHaveLength(1);
    }
    for (const text of [
      'stub.fetch("x");',
      "export const go = (fetch: F) => fetch(u);",
      "export const make = ({ fetch }: D) => () => fetch(u);",
      "export class A { fetch(r: R) { return r; } }",
      "export default { fetch: app.fetch };",
      "type F = typeof fetch;",
    ]) {
      expect(said({ "workers/a.ts": text }), text).toEqual([]);
    }
    expect(said({ "adapters/models/openai.ts": "fetch(u);", "client/sdk/http.ts": "fetch(u);" })).toEqual([]);
  });

  it("a page that calls the server past the client, writes to the console, or could not run in a browser", () => {
    for (const text of ['fetch("/my/chat");', 'console.log("x");', 'import "node:fs";', 'import { Hono } from "hono";'])
      expect(said({ "web/pages/a.tsx": text }), text).toHaveLength(1);
    expect(said({ "web/pages/a.tsx": 'import { api } from "#client/sdk/http.ts";' })).toEqual([]);
  });

  it("the console outside the logger", () => {
    expect(said({ "domain/a.ts": 'console.log("x");' })).toHaveLength(1);
    expect(said({ "adapters/logger.ts": 'console.log("x");', "client/cli/print.ts": 'console.log("x");' })).toEqual([]);
  });

  it("any, in every disguise", () => {
    for (const text of ["let a: any;", "f(a as any);", "let a: Array<any>;", "function f(...a: any[]) {}"])
      expect(said({ "tests/a.ts": text }), text).toHaveLength(1);
    expect(said({ "tests/a.ts": 'const any = "any"; // any\nf("as any", any);' })).toEqual([]);
  });

  it("env read below the entries", () => {
    for (const text of ["f(c.env.DB);", "f(env.DB);", 'import { env } from "cloudflare:workers";'])
      expect(said({ "workers/routes/a.ts": text }), text).toHaveLength(1);
    expect(said({ "durable-objects/a.ts": "class A { m() { return this.env.DB; } }" })).toHaveLength(1);
    expect(
      said({
        "durable-objects/a.ts": "class A { constructor(ctx: C, env: E) { this.db = env.DB; } }",
        "workers/services.ts": "f(env.DB);",
      }),
    ).toEqual([]);
  });

  it("a file that is too long or badly named", () => {
    expect(said({ "workers/a.ts": "f();\n".repeat(351) })).toHaveLength(1);
    expect(said({ "workers/a.ts": "f();\n".repeat(350), "tests/a.ts": "f();\n".repeat(900) })).toEqual([]);
    for (const name of ["utils", "string-helpers", "common", "types", "session-manager", "chat-service", "camelCase"]) {
      expect(said({ [`domain/${name}.ts`]: "f();" }), name).toHaveLength(1);
    }
    expect(said({ "schema/api/common.ts": "f();", "workers/services.ts": "f();", "vitest.config.ts": "f();" })).toEqual(
      [],
    );
  });

  it("an event union or a barrel in a second place", () => {
    expect(said({ "domain/a.ts": 'import { roomEvents } from "#schema/events/rooms.ts";' })).toHaveLength(1);
    expect(said({ "domain/index.ts": 'export * from "./a.ts";' })).toHaveLength(1);
  });
});
