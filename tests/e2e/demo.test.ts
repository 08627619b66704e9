// `npm run demo` as people run it: it succeeds, cleans up however it ends, and does not succeed when its claims are false.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { startOpenAiServer } from "#tests/doubles/openai-server.ts";
import { Narrator } from "../../scripts/demo/narrator.ts";
import { tour } from "../../scripts/demo/tour.ts";
import { ROOT } from "../../scripts/serve/settings.ts";

/** Runs the demo in a temporary directory of its own; `look` sees everything printed so far. */
const runDemo = async (look: (text: string, interrupt: () => void) => void = () => {}) => {
  const place = mkdtempSync(join(tmpdir(), "retinue-demo-test-"));
  onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  const child = spawn(join(ROOT, "node_modules/node/bin/node"), ["scripts/start.mjs", "demo"], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: place, TMPDIR: place },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill());
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      look(text, () => child.kill("SIGINT"));
    });
  const [code] = await once(child, "close");
  return { code, text, place };
};

/** Processes that have to do with a directory. */
const processesAbout = (place: string): string[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(place);
      } catch {
        return false;
      }
    });

it("shows everything, succeeds, and leaves neither a file nor a process behind", async () => {
  const { code, text, place } = await runDemo();
  expect(text).toMatch(/Everything above really happened/);
  expect(code).toBe(0);
  for (const shown of [
    "../secret.txt was refused",
    "a link out of the folder was refused",
    "after the yes the file holds exactly what was shown",
    "the device was not even asked",
    "three agents, two branches, expected $0.",
    "both branches ran at the same time",
    "one answer joins what all three found",
    "the run ended with budget_exhausted: no model call, $0 spent",
    "no gap, no duplicate",
    "the hash chain holds over all",
    "approval_required",
  ])
    expect(text).toContain(shown);
  expect(text).not.toContain("\u001b");
  expect(readdirSync(place).filter((name) => name.startsWith("retinue"))).toEqual([]);
  expect(processesAbout(place)).toEqual([]);
});

it.each([
  ["while its server starts", "Starting a server"],
  ["while a question is open", "A no is a no"],
])("cleans up after Ctrl-C %s", async (_, when) => {
  let interrupted = false;
  const { code, text, place } = await runDemo((said, interrupt) => {
    if (!interrupted && said.includes(when)) interrupt();
    interrupted ||= said.includes(when);
  });
  expect(code).toBe(130);
  expect(text).not.toContain("really happened");
  expect(readdirSync(place).filter((name) => name.startsWith("retinue"))).toEqual([]);
  await expect.poll(() => processesAbout(place)).toEqual([]);
});

it("fails when an agent only says that it has read the file", async () => {
  const model = await startOpenAiServer([{ kind: "text", text: "I have read it: this is lighthouse-keeper." }]);
  onTestFinished(() => model.close());
  let told = "";
  const narrator = new Narrator({ write: (text) => (told += text), colours: false });
  await expect(
    tour(narrator, { OPENAI_BASE_URL: model.baseUrl, OPENAI_API_KEY: "sk-test", MODELS: "liar" }),
  ).rejects.toThrow("the agent asks for the file");
  expect(told).toContain("A direct call, answered live");
  expect(told).not.toContain("the answer came from the real package.json");
});
