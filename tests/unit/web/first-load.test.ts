// The built console as a browser gets it: small enough to be there at once, and nothing in it that the page's policy would
// refuse or that would ask somebody else.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { buildConsole, PAGE, piecesOf } from "../../../scripts/serve/build-console.ts";
import { ROOT } from "../../../scripts/serve/settings.ts";

const LARGEST_FIRST_LOAD = 230_000;

const Manifest = z.record(
  z.string(),
  z.object({ file: z.string(), name: z.string().optional(), imports: z.array(z.string()).default([]) }),
);

let build: string;
let manifest: z.infer<typeof Manifest>;
const text = (name: string): string => readFileSync(join(build, name), "utf8");

beforeAll(async () => {
  build = await buildConsole();
  manifest = Manifest.parse(JSON.parse(text(".vite/manifest.json")));
}, 60_000);

/** The scripts a piece brings with it: one of a page, or one the build was told to make. */
const withImports = (name: string, seen: Set<string> = new Set()): Set<string> => {
  const piece = manifest[name] ?? Object.values(manifest).find((one) => one.name === name);
  if (piece === undefined) throw new Error(`there is no ${name}`);
  if (seen.has(piece.file)) return seen;
  seen.add(piece.file);
  for (const one of piece.imports) withImports(one, seen);
  return seen;
};
const gzipped = (files: Iterable<string>): number =>
  [...files].filter((name) => name.endsWith(".js")).reduce((sum, name) => sum + gzipSync(text(name)).byteLength, 0);

it("the first load, up to an open chat, is under 230 kB of gzipped JavaScript", () => {
  const size = gzipped(withImports("inside", withImports(PAGE)));
  expect(size).toBeGreaterThan(100_000);
  expect(size).toBeLessThan(LARGEST_FIRST_LOAD);
});

it("the first load comes in a handful of pieces, the frame and the chat in one", () => {
  expect(withImports("inside", withImports(PAGE)).size).toBeLessThan(8);
  for (const own of ["shell/shell.tsx", "pages/chat/chat-page.tsx"]) expect(manifest[own]).toBeUndefined();
});

it("Markdown comes with the first text that is to be drawn, and is no more than 60 kB", () => {
  const before = withImports("inside", withImports(PAGE));
  const own = [...withImports("markdown/markdown.tsx")].filter((file) => !before.has(file));
  expect(own.some((file) => file.includes("markdown"))).toBe(true);
  expect(gzipped(own)).toBeLessThan(60_000);
});

it("the door is opened with less", () => {
  expect(gzipped(withImports("door", withImports(PAGE)))).toBeLessThan(200_000);
});

it("the page holds no script and no style of its own, and asks nobody else for anything", () => {
  const page = text(PAGE);
  expect(page).not.toMatch(/<script(?![^>]*\bsrc="\/)|<style|style=|\son\w+=/);
  expect(page).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  for (const name of piecesOf(build).filter((one) => one.endsWith(".css")))
    expect(text(name), name).not.toMatch(/url\((?!["']?\/console\/)|@import/);
});

it("every piece is served with a policy that lets nothing in but what is ours", () => {
  const headers = readFileSync(join(ROOT, "public/_headers"), "utf8");
  const policy = /^\/\*\n(?: {2}.*\n)*? {2}Content-Security-Policy: (.*)$/m.exec(headers)?.[1] ?? "";
  expect(policy.split("; ")).toEqual(
    expect.arrayContaining(["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"]),
  );
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
});
