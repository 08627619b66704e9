// What `npm start` is told, and how it reaches the worker unchanged and unseen.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unstable_getVarsForDev as readAsWrangler } from "wrangler";
import { envFileText } from "../../../scripts/serve/env-file.ts";
import { greeting, whoAnswers } from "../../../scripts/serve/greeting.ts";
import { LogSieve } from "../../../scripts/serve/log-sieve.ts";
import { authKeys } from "../../../scripts/serve/secrets.ts";
import { documentedVariables, localUrl, ROOT, readSettings, SettingError } from "../../../scripts/serve/settings.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "retinue-settings-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NO_FILE = { DEV_VARS_FILE: "/dev/null" };

/** What wrangler would hand to the worker from a file with these values. */
function roundTrip(vars: Record<string, string>): Record<string, unknown> {
  const path = join(folder, "round-trip.env");
  writeFileSync(path, envFileText(vars));
  const bindings = readAsWrangler(undefined, [path], {}, undefined, true);
  return Object.fromEntries(Object.entries(bindings).map(([name, binding]) => [name, binding.value]));
}

describe("settings", () => {
  it("are every variable that env.d.ts documents, and none that only tests know", () => {
    const names = documentedVariables(readFileSync(join(ROOT, "env.d.ts"), "utf8"));
    expect(names).toEqual(
      expect.arrayContaining([
        "AUTH_KEYS",
        "OPENAI_BASE_URL",
        "MODELS",
        "RATE_LIMIT_PER_MINUTE",
        "UPSTASH_REDIS_REST_URL",
      ]),
    );
    expect(names).not.toContain("TEST_MIGRATIONS");
  });

  it("come from the environment before the file, and an empty one unsets the file's", () => {
    const file = join(folder, "dev.vars");
    writeFileSync(
      file,
      'MODELS=from-file\nOPENAI_API_KEY="sk file"\nOPENAI_BASE_URL=http://file\nPORT=9001\nOF_MY_OWN=kept\n',
    );
    const own = { MODEL_PROVIDERS: "my-lab=http://lab/v1", MY_LAB_API_KEY: "k", GROQ_API_KEY: "g" };
    expect(readSettings({ ...NO_FILE, ...own }, []).vars).toEqual({
      MODEL_PROVIDERS: own.MODEL_PROVIDERS,
      MY_LAB_API_KEY: "k",
    });
    const settings = readSettings({ DEV_VARS_FILE: file, MODELS: "from-env", OPENAI_BASE_URL: "", HOME: "/root" }, []);
    expect(settings.vars).toEqual({ MODELS: "from-env", OPENAI_API_KEY: "sk file", OF_MY_OWN: "kept" });
    expect(settings.port).toBe(9001);
    expect(readSettings({ DEV_VARS_FILE: file, PORT: "9002" }, []).port).toBe(9002);
  });

  it("have defaults that need nothing", () => {
    expect(readSettings(NO_FILE, [])).toEqual({
      port: 8787,
      host: "127.0.0.1",
      stateDir: resolve(ROOT, ".retinue"),
      watch: false,
      testScheduled: false,
      vars: {},
    });
  });

  it.each(["0", "65536", "http", "80.5", "-1"])("refuse the port %s", (PORT) => {
    expect(() => readSettings({ ...NO_FILE, PORT }, [])).toThrow(SettingError);
  });

  it("name an address that this machine can open, whatever the server listens on", () => {
    expect(localUrl("0.0.0.0", 1)).toBe("http://127.0.0.1:1");
    expect(localUrl("::", 1)).toBe("http://[::1]:1");
    expect(localUrl("192.168.1.5", 1)).toBe("http://192.168.1.5:1");
  });
});

describe("the greeting", () => {
  it.each([
    [{}, "the offline model (set OPENAI_API_KEY or OPENAI_BASE_URL for a real one)"],
    [{ MODELS: "offline" }, "the offline model (set OPENAI_API_KEY or OPENAI_BASE_URL for a real one)"],
    [
      { MODELS: "qwen3" },
      "none, MODELS names models, but there is nobody to ask for them: set a provider's key or address too",
    ],
    [{ OPENAI_API_KEY: "sk-x" }, "https://api.openai.com/v1 (gpt-4o-mini, gpt-4o)"],
    [{ OPENAI_BASE_URL: "http://127.0.0.1:11434/v1", MODELS: "qwen3" }, "http://127.0.0.1:11434/v1 (qwen3)"],
    [{ OPENAI_BASE_URL: "http://me:pass@host/v1?key=k", MODELS: "m", OPENAI_API_KEY: "sk-x" }, "http://host/v1 (m)"],
    [
      { OLLAMA_HOST: "localhost", ANTHROPIC_API_KEY: "sk-x" },
      "http://localhost:11434/v1 (qwen3:1.7b, qwen3:8b), https://api.anthropic.com/v1 (claude-sonnet-4-6)",
    ],
    [
      { MODELS: "quick=sk-x" },
      "none, MODELS: entry 1 names no tier; the tiers are fast, smart, local-fast, local-smart, cloud-smart",
    ],
    [{ OPENAI_BASE_URL: "localhost:1/v1" }, "none, OPENAI_BASE_URL is not an http(s) address"],
  ])("says of %j who answers, and no secret", (vars: Record<string, string>, said) => {
    expect(whoAnswers(vars)).toBe(said);
    const settings = { ...readSettings(NO_FILE, []), vars };
    expect(greeting("http://127.0.0.1:8787", settings, 1)).toContain(`model: ${said}\n`);
  });

  it("gives commands that reach this server, wherever it listens", () => {
    const said = greeting("http://127.0.0.1:9000", readSettings(NO_FILE, []), 1);
    expect(said).toContain("RETINUE_URL=http://127.0.0.1:9000 npm run -s retinue -- register you@example.com ");
  });
});

describe("the variables' file", () => {
  it("carries quotes, dollars, hashes, backslashes and lines to the worker unchanged", () => {
    const vars = {
      AUTH_KEYS: '[{"kid":"a","secret":"x#y $HOME $ =z"}]',
      QUOTED: 'it\'s "so"',
      LINES: "a\nb=c\n#d",
      BACK: "a\\nb \\$c",
      AFTER: "'still its own'",
      SPACES: "  kept  ",
      CODE: "`x`",
    };
    expect(roundTrip(vars)).toEqual(vars);
  });

  it("carries any value it accepts, and refuses the others instead of changing them", () => {
    const hard = fc.string({
      unit: fc.constantFrom("a", " ", "$", "{", "}", "\\", "'", '"', "`", "#", "=", "\n", "\r", ":", "-"),
      maxLength: 12,
    });
    fc.assert(
      fc.property(hard, hard, (ONE, TWO) => {
        let text: string | null = null;
        try {
          text = envFileText({ ONE, TWO });
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
        if (text !== null) expect(roundTrip({ ONE, TWO })).toEqual({ ONE, TWO });
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("the signing keys", () => {
  it("are made once, kept, and readable by their owner only", () => {
    const first = authKeys(folder);
    expect(authKeys(folder)).toBe(first);
    expect(statSync(join(folder, "secrets.json")).mode & 0o777).toBe(0o600);
    const [key] = JSON.parse(first);
    expect(Buffer.from(key.secret, "base64url")).toHaveLength(32);
  });
});

describe("the log sieve", () => {
  const sieve = () => {
    const kept = { log: "", shown: [] as string[] };
    const it = new LogSieve(
      (text) => {
        kept.log += text;
      },
      (line) => kept.shown.push(line),
    );
    return { kept, it };
  };

  it("shows errors with their stacks, keeps warnings to the log, and takes the colour out of both", () => {
    const { kept, it } = sieve();
    const text =
      "▲ [WARNING] Not now.\n\n  more of it\n\n\n\u001b[31m✘ [ERROR] Error: x\u001b[0m\n\n      at a.ts:1\n\n\nGET / 200\n";
    for (const letter of text) it.write(letter);
    expect(kept.shown).toEqual(["error: Error: x", "      at a.ts:1"]);
    expect(kept.log).toContain("Not now.");
    expect(kept.log).not.toContain("\u001b");
  });

  it("remembers what was said last, the unfinished line too", () => {
    const { it } = sieve();
    for (let line = 0; line < 50; line++) it.write(`line ${line}\n`);
    it.write("cut o");
    expect(it.tail().split("\n").slice(-2)).toEqual(["line 49", "cut o"]);
  });
});
