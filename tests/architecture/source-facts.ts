// Reads one TypeScript source with a real parser and says what the rules of the house ask about it: what it imports, and
// where it does the few things that only certain files may do. Types count: an erased import still draws a line.
import { parseSync } from "vite";

/** An import, re-export, dynamic import or import type. */
export interface Import {
  readonly from: string;
  readonly names: readonly string[];
  /** Erased at run time. */
  readonly typeOnly: boolean;
  /** `export * from`. */
  readonly wholeReExport: boolean;
}

/** What stands in one file. */
export interface SourceFacts {
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  /** Line numbers of each thing some rule forbids somewhere. */
  readonly uses: Readonly<Record<Use, readonly number[]>>;
}

export type Use = "any" | "console" | "fetch" | "env" | "env-in-constructor" | "object-name";

type Node = { readonly type: string; readonly [field: string]: unknown };

const NAMING_CALLS = new Set(["getByName", "idFromName", "idFromString", "newUniqueId"]);
/** Type syntax around a value; inside all other type syntax a name is no value. */
const WRAPPERS = new Set(["TSAsExpression", "TSSatisfiesExpression", "TSNonNullExpression", "TSTypeAssertion"]);
const FUNCTIONS = new Set([
  "FunctionDeclaration",
  "FunctionExpression",
  "ArrowFunctionExpression",
  "TSDeclareFunction",
]);

/** The facts of a source text. Throws when it does not parse. */
export function readSource(path: string, text: string): SourceFacts {
  const parsed = parseSync(path, text);
  if (parsed.errors.length > 0) throw new Error(`${path}: ${parsed.errors[0]?.message}`);
  const reader = new Reader(text);
  reader.walk(asNode(parsed.program), []);
  return {
    path,
    lines: text.split("\n").length - (text.endsWith("\n") ? 1 : 0),
    imports: reader.imports,
    uses: reader.uses,
  };
}

class Reader {
  readonly imports: Import[] = [];
  readonly uses: Record<Use, number[]> = {
    any: [],
    console: [],
    fetch: [],
    env: [],
    "env-in-constructor": [],
    "object-name": [],
  };
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  walk(node: Node | null, above: readonly Node[]): void {
    if (node === null) return;
    this.#look(node, above);
    const path = [...above, node];
    for (const [field, value] of Object.entries(node)) {
      if (field === "type") continue;
      for (const child of Array.isArray(value) ? value : [value]) this.walk(asNode(child), path);
    }
  }

  #look(node: Node, above: readonly Node[]): void {
    switch (node.type) {
      case "ImportDeclaration":
      case "ExportNamedDeclaration":
      case "ExportAllDeclaration":
      case "ImportExpression":
      case "TSImportType":
        this.#takeImport(node);
        break;
      case "TSAnyKeyword":
        this.#note("any", node);
        break;
      case "MemberExpression":
        this.#takeMember(node, above);
        break;
      case "Identifier":
        if (node.name === "fetch" && isGlobalReference(node, above)) this.#note("fetch", node);
        break;
    }
  }

  #takeImport(node: Node): void {
    const from = asNode(node.source)?.value;
    if (typeof from !== "string") return;
    const specifiers = Array.isArray(node.specifiers) ? node.specifiers.map(asNode) : [];
    const erased = (item: Node | null) => item?.importKind === "type" || item?.exportKind === "type";
    this.imports.push({
      from,
      names: specifiers.map((item) => String(asNode(item?.imported ?? item?.local)?.name ?? "*")),
      typeOnly: node.type === "TSImportType" || erased(node) || (specifiers.length > 0 && specifiers.every(erased)),
      wholeReExport: node.type === "ExportAllDeclaration",
    });
    if (from === "cloudflare:workers" && specifiers.some((item) => asNode(item?.imported)?.name === "env"))
      this.#note("env", node);
  }

  #takeMember(node: Node, above: readonly Node[]): void {
    const object = asNode(node.object);
    const property = asNode(node.property);
    const name = node.computed === true ? property?.value : property?.name;
    if (object?.type === "Identifier" && object.name === "console") this.#note("console", node);
    if (object?.type === "Identifier" && ["globalThis", "self"].includes(String(object.name)) && name === "fetch")
      this.#note("fetch", node);
    if (typeof name === "string" && NAMING_CALLS.has(name)) this.#note("object-name", node);
    if (name === "env" || (object?.type === "Identifier" && object.name === "env")) {
      const constructing = above.some((outer) => outer.type === "MethodDefinition" && outer.kind === "constructor");
      this.#note(constructing ? "env-in-constructor" : "env", node);
    }
  }

  #note(use: Use, node: Node): void {
    const line = this.#text.slice(0, Number(node.start)).split("\n").length;
    if (this.uses[use].at(-1) !== line) this.uses[use].push(line);
  }
}

/** A name in the position of a value that no enclosing function and no import has declared. */
function isGlobalReference(node: Node, above: readonly Node[]): boolean {
  const parent = above.at(-1);
  if (parent === undefined || (parent.type.startsWith("TS") && !WRAPPERS.has(parent.type))) return false;
  if (parent.type === "MemberExpression" && parent.property === node && parent.computed !== true) return false;
  if ("key" in parent && parent.key === node && parent.computed !== true && parent.shorthand !== true) return false;
  if (
    /Specifier$/.test(parent.type) ||
    parent.id === node ||
    (FUNCTIONS.has(parent.type) && isAmong(parent.params, node))
  )
    return false;
  if (above.some((outer) => outer.type === "ObjectPattern" || outer.type === "ArrayPattern")) return false;
  return !above.some(
    (outer) => (FUNCTIONS.has(outer.type) || outer.type === "Program") && declares(outer, String(node.name)),
  );
}

/** Whether the function's parameters or its own body (not functions inside it) declare the name. */
function declares(scope: Node, name: string): boolean {
  const bound = (pattern: Node | null): boolean => {
    if (pattern === null) return false;
    if (pattern.type === "Identifier") return pattern.name === name;
    return ["left", "argument", "value", "parameter", "properties", "elements"].some((field) =>
      children(pattern[field]).some(bound),
    );
  };
  const inBody = (node: Node): boolean => {
    if (node.type === "VariableDeclarator" && bound(asNode(node.id))) return true;
    if (node.type === "FunctionDeclaration" && bound(asNode(node.id))) return true;
    if (/^Import.*Specifier$/.test(node.type) && bound(asNode(node.local))) return true;
    if (FUNCTIONS.has(node.type)) return false;
    return Object.values(node).some((value) => children(value).some(inBody));
  };
  return children(scope.params).some(bound) || children(scope.body).some(inBody);
}

const isAmong = (list: unknown, node: Node): boolean => Array.isArray(list) && list.includes(node);

const children = (value: unknown): Node[] =>
  (Array.isArray(value) ? value : [value]).map(asNode).filter((node) => node !== null);

function asNode(value: unknown): Node | null {
  return isNode(value) ? value : null;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}
