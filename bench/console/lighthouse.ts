// Lighthouse over one address of somebody who is signed in: a process of its own, driving the browser that has their cookie.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const PROGRAM = join(ROOT, "node_modules/lighthouse/cli/index.js");

interface Report {
  readonly categories: Readonly<Record<string, { readonly score: number | null }>>;
  readonly audits: Readonly<Record<string, { readonly score: number | null; readonly numericValue?: number }>>;
}

/** What it found: scores from 0 to 100, times in milliseconds. */
export async function lighthouse(
  url: string,
  port: number,
  preset: "desktop" | "mobile",
): Promise<Record<string, number>> {
  const words = [
    url,
    `--port=${port}`,
    ...(preset === "desktop" ? ["--preset=desktop"] : []),
    "--only-categories=performance,accessibility",
    // The cookie is to stay.
    "--disable-storage-reset",
    "--output=json",
    "--quiet",
  ];
  const child = spawn(process.execPath, [PROGRAM, ...words], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  const out: string[] = [];
  const said: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => out.push(text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => said.push(text));
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`Lighthouse ended with ${code}: ${said.join("").slice(0, 500)}`);
  const { categories, audits }: Report = JSON.parse(out.join(""));
  const score = (name: string) => 100 * (categories[name]?.score ?? Number.NaN);
  const value = (name: string) => audits[name]?.numericValue ?? Number.NaN;
  return {
    performance: score("performance"),
    accessibility: score("accessibility"),
    "first paint": value("first-contentful-paint"),
    "largest paint": value("largest-contentful-paint"),
    blocked: value("total-blocking-time"),
    "layout shift": value("cumulative-layout-shift"),
  };
}
