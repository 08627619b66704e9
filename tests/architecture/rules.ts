// The rules of the house as functions from sources to violations (architecture.md §2, style.md). A violation is a sentence
// that names the file, so that a failing test says what to do.
import { dirname, join } from "node:path/posix";
import type { Import, SourceFacts, Use } from "./source-facts.ts";

/** Rooms each room may import from, itself apart. What is not here (tests, scripts, bench) may import anything. */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  web: ["client", "schema"],
  client: ["domain", "schema"],
  workers: ["durable-objects", "adapters", "domain", "schema"],
  "durable-objects": ["adapters", "domain", "schema", "migrations"],
  adapters: ["domain", "schema"],
  domain: ["schema"],
  schema: [],
  migrations: [],
};

const MAX_LINES = 350;
const FORBIDDEN_WORDS = new Set(["util", "utils", "helper", "helpers", "common", "types", "manager", "service"]);
const RE_EXPORTERS = new Set(["schema/events/index.ts", "durable-objects/index.ts", "workers/index.ts"]);
const SERVER_ROOMS = new Set(["workers", "durable-objects", "adapters", "domain", "schema"]);

/** Who may do what only few may do; a path ending in `/` stands for everything under it. */
const ALLOWED: Readonly<Record<Exclude<Use, "any">, { readonly by: readonly string[]; readonly rule: string }>> = {
  fetch: {
    by: ["adapters/egress.ts", "adapters/models/", "adapters/jwt.ts"],
    rule: "calls the global fetch; the outside world is reached through adapters/egress.ts, adapters/models/ or adapters/jwt.ts",
  },
  console: { by: ["adapters/logger.ts"], rule: "writes to the console; the one sink is adapters/logger.ts" },
  env: {
    by: ["workers/index.ts", "workers/services.ts", "workers/config.ts"],
    rule: "reads env; only workers/index.ts, workers/services.ts, workers/config.ts and the objects' constructors do",
  },
  "env-in-constructor": {
    by: ["durable-objects/", "workers/index.ts"],
    rule: "reads env in a constructor outside durable-objects",
  },
  "object-name": {
    by: ["durable-objects/stubs.ts"],
    rule: "names a Durable Object; only durable-objects/stubs.ts does",
  },
};

/** Every violation of every rule. */
export function violations(sources: readonly SourceFacts[]): string[] {
  return [
    ...sources.flatMap((source) => [...importRules(source), ...useRules(source), ...fileRules(source)]),
    ...circles(sources),
  ];
}

/** The file an import of the repository means, or null for a package. */
export function targetOf(importer: string, from: string): string | null {
  if (from.startsWith("#")) return from.slice(1);
  if (from.startsWith(".")) return join(dirname(importer), from);
  return null;
}

function importRules(source: SourceFacts): string[] {
  return source.imports.flatMap((found) => {
    const target = targetOf(source.path, found.from);
    return target === null ? packageRules(source, found) : innerRules(source, found, target);
  });
}

function innerRules(source: SourceFacts, found: Import, target: string): string[] {
  const said: string[] = [];
  const [from, to] = [roomOf(source.path), roomOf(target)];
  const below = BELOW[from];
  if (below !== undefined && to !== "" && to !== from && !below.includes(to)) {
    said.push(`${source.path} imports ${target}: ${from} may import ${below.join(", ") || "no other room"}`);
  }
  if (
    /^schema\/events\//.test(target) &&
    source.path !== "schema/events/index.ts" &&
    found.names.some((name) => name.endsWith("Events"))
  ) {
    said.push(`${source.path} imports an event family: the union is built in schema/events/index.ts and nowhere else`);
  }
  if (found.wholeReExport && !RE_EXPORTERS.has(source.path))
    said.push(`${source.path} re-exports all of ${target}: no barrels`);
  return said;
}

function packageRules(source: SourceFacts, found: Import): string[] {
  const room = roomOf(source.path);
  const name = found.from.startsWith("@") ? found.from.split("/").slice(0, 2).join("/") : found.from.split("/", 1)[0];
  if (room === "domain") return [`${source.path} imports ${found.from}: domain imports no package and no builtin`];
  if (room === "schema" && name !== "zod" && name !== "drizzle-orm")
    return [`${source.path} imports ${found.from}: schema imports only zod and drizzle-orm`];
  if (room === "web" && /^node:|^hono\b|^drizzle/.test(found.from))
    return [`${source.path} imports ${found.from}: web runs in a browser`];
  if ((room === "client" || room === "web") && found.from.startsWith("cloudflare:"))
    return [`${source.path} imports ${found.from}: it runs outside the platform`];
  return [];
}

function useRules(source: SourceFacts): string[] {
  const said = source.uses.any.map((line) => `${source.path}:${line} says any`);
  if (roomOf(source.path) === "web") {
    for (const line of [...source.uses.fetch, ...source.uses.console])
      said.push(`${source.path}:${line} speaks past the client; every call of a page goes through client/sdk`);
  }
  if (!SERVER_ROOMS.has(roomOf(source.path))) return said;
  for (const [use, { by, rule }] of Object.entries(ALLOWED)) {
    if (by.some((place) => (place.endsWith("/") ? source.path.startsWith(place) : source.path === place))) continue;
    for (const line of source.uses[asUse(use)]) said.push(`${source.path}:${line} ${rule}`);
  }
  return said;
}

function fileRules(source: SourceFacts): string[] {
  const said: string[] = [];
  const base = source.path.split("/").at(-1) ?? "";
  const stem = base.replace(/(\.[a-z]+)*\.tsx?$/, "");
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(stem)) said.push(`${source.path}: file names are kebab-case`);
  if (stem.split("-").some((word) => FORBIDDEN_WORDS.has(word)) && source.path !== "schema/api/common.ts") {
    said.push(`${source.path}: name it for the thing it holds`);
  }
  const room = roomOf(source.path);
  if (room !== "tests" && room !== "migrations" && source.lines > MAX_LINES) {
    said.push(`${source.path} has ${source.lines} lines: more than ${MAX_LINES} is several files`);
  }
  return said;
}

/** Each circle of imports once, as the path that closes it. */
function circles(sources: readonly SourceFacts[]): string[] {
  const known = new Map(sources.map((source) => [source.path, source]));
  const said: string[] = [];
  const state = new Map<string, "open" | "done">();
  const visit = (path: string, trail: readonly string[]): void => {
    const source = known.get(path);
    if (source === undefined || state.get(path) === "done") return;
    if (state.get(path) === "open") {
      said.push(`circle: ${[...trail.slice(trail.indexOf(path)), path].join(" → ")}`);
      return;
    }
    state.set(path, "open");
    for (const found of source.imports) {
      const target = targetOf(path, found.from);
      if (target !== null) visit(target, [...trail, path]);
    }
    state.set(path, "done");
  };
  for (const source of sources) visit(source.path, []);
  return said;
}

/** The first folder of a path; files of the root are in no room. */
function roomOf(path: string): string {
  return path.includes("/") ? (path.split("/", 1)[0] ?? "") : "";
}

function asUse(name: string): Use {
  switch (name) {
    case "fetch":
    case "console":
    case "env":
    case "env-in-constructor":
    case "object-name":
      return name;
    default:
      throw new Error(`There is no rule ${name}.`);
  }
}
