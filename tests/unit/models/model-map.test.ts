// What the environment says about models: which servers there are, what tiers stand for, and who is asked instead.
import { describe, expect, test } from "vitest";
import { type ModelSettings, readModelSettings } from "#adapters/models/model-settings.ts";
import { type NamedTier, nameOf } from "#domain/models/candidates.ts";
import { chainOf } from "#domain/models/route.ts";

type Variables = Readonly<Record<string, string>>;

const read = (variables: Variables, workersAi = false) => readModelSettings((name) => variables[name], workersAi);

const settingsOf = (variables: Variables, workersAi = false): ModelSettings => {
  const parsed = read(variables, workersAi);
  if (!parsed.ok) throw new Error(parsed.refusal.detail);
  return parsed.value;
};

const chains = (variables: Variables, ...tiers: NamedTier[]) => {
  const { routes } = settingsOf(variables);
  return tiers.map((tier) => chainOf(routes, tier, () => 0).map(nameOf));
};

const SERVER = { OPENAI_BASE_URL: "http://127.0.0.1:1234/v1" };
const ALL = ["fast", "local-fast", "smart", "local-smart", "cloud-smart"] as const;

describe("MODELS", () => {
  test("names one model for all tiers", () => {
    expect(chains({ ...SERVER, MODELS: "qwen3:8b" }, ...ALL)).toEqual(ALL.map(() => ["openai/qwen3:8b"]));
  });

  test("gives an unnamed tier its nearest relative's model, and falls back nowhere else by itself", () => {
    const MODELS = "fast=gpt-4o-mini,smart=gpt-4o";
    const [mini, full] = [["openai/gpt-4o-mini"], ["openai/gpt-4o"]];
    expect(chains({ ...SERVER, MODELS }, ...ALL)).toEqual([mini, mini, full, full, full]);
    expect(chains({ OPENAI_API_KEY: "k" }, ...ALL)).toEqual([mini, mini, full, full, full]);
  });

  test("falls back from here to the cloud where these tiers are named", () => {
    const MODELS = " local-smart = a , cloud-smart=b ";
    const [a, b] = ["openai/a", "openai/b"];
    expect(chains({ ...SERVER, MODELS }, ...ALL)).toEqual([[a, b], [a, b], [b], [a, b], [b]]);
  });

  test("names providers, equals and what comes after them", () => {
    const variables = { ...SERVER, ANTHROPIC_API_KEY: "k", MODELS: "smart=a|anthropic/b>meta/c,fast=d" };
    expect(settingsOf(variables).routes.tiers.smart.map((group) => group.map(nameOf))).toEqual([
      ["openai/a", "anthropic/b"],
      ["openai/meta/c"],
    ]);
  });

  test.each([
    "",
    "quick=a",
    "fast=",
    "=a",
    "fast=a,fast=b",
    "fast=a,b",
    "a b",
    "fast=a=b",
    "auto=a",
    "smart=a>",
    "smart=|a",
    "smart=anthropic/claude",
    "smart=openai/",
    `smart=${"a|".repeat(8)}a`,
  ])("refuses %j, without repeating it", (MODELS) => {
    const refused = read({ ...SERVER, MODELS });
    expect(refused).toMatchObject({ ok: false, refusal: { code: "not_configured" } });
    expect(refused.ok ? "" : refused.refusal.detail).toMatch(/^MODELS: /);
  });

  test("is checked also while there is nobody to ask", () => {
    expect(read({ MODELS: "quick=a" }).ok).toBe(false);
    expect(read({ MODELS: "smart=anthropic/b" }).ok).toBe(false);
    const nobody = read({ MODELS: "fast=offline,smart=qwen3" });
    expect(nobody.ok ? "" : nobody.refusal.detail).toMatch(/^MODELS names models, but there is nobody to ask/);
    expect(chains({ MODELS: "offline" }, "smart")).toEqual([["offline/offline"]]);
  });
});

describe("providers", () => {
  test("are asked at their own addresses, each with its own key", () => {
    const { servers } = settingsOf({
      ANTHROPIC_API_KEY: "a",
      CEREBRAS_API_KEY: "c",
      OPENROUTER_API_KEY: "r",
      OPENROUTER_BASE_URL: "https://gateway.example/v1",
    });
    expect(servers).toMatchObject({
      openai: { baseUrl: "https://api.openai.com/v1", apiKey: null },
      anthropic: { baseUrl: "https://api.anthropic.com/v1", apiKey: "a" },
      cerebras: { baseUrl: "https://api.cerebras.ai/v1", apiKey: "c" },
      openrouter: { baseUrl: "https://gateway.example/v1", apiKey: "r" },
    });
  });

  test.each([
    ["localhost:11434", "http://localhost:11434/v1"],
    ["http://localhost:11434", "http://localhost:11434/v1"],
    ["http://localhost:11434/", "http://localhost:11434/v1"],
    ["http://box:8080/v1", "http://box:8080/v1"],
    ["0.0.0.0", "http://127.0.0.1:11434/v1"],
    ["https://ollama.example", "https://ollama.example/v1"],
  ])("OLLAMA_HOST=%s is %s", (OLLAMA_HOST, baseUrl) => {
    expect(settingsOf({ OLLAMA_HOST }).servers.ollama).toEqual({ baseUrl, apiKey: null });
  });

  test("here go before those in the cloud, and those in the cloud stand in for them", () => {
    const variables = { OLLAMA_HOST: "localhost", ANTHROPIC_API_KEY: "a" };
    const [small, large, cloud] = ["ollama/qwen3:1.7b", "ollama/qwen3:8b", "anthropic/claude-sonnet-4-6"];
    expect(chains(variables, ...ALL)).toEqual([
      [small, large, cloud],
      [small, large, cloud],
      [large, cloud],
      [large, cloud],
      [cloud],
    ]);
  });

  test("in the cloud stand in for each other, in their order", () => {
    expect(chains({ OPENAI_API_KEY: "a", ANTHROPIC_API_KEY: "b" }, "fast", "smart")).toEqual([
      ["openai/gpt-4o-mini", "anthropic/claude-haiku-4-5"],
      ["openai/gpt-4o", "anthropic/claude-sonnet-4-6"],
    ]);
  });

  test("of one's own have a name, an address and a key of that name", () => {
    const { servers, routes } = settingsOf({
      MODEL_PROVIDERS: "my-lab=http://10.0.0.5:8000/v1, groq=https://api.groq.com/openai/v1",
      GROQ_API_KEY: "g",
      MODELS: "my-lab/llama",
    });
    expect(servers).toMatchObject({ "my-lab": { apiKey: null }, groq: { apiKey: "g" } });
    expect(chainOf(routes, "smart", () => 0)).toEqual([{ provider: "my-lab", model: "llama" }]);
  });

  test("are Cloudflare's own, where they are bound", () => {
    expect(settingsOf({}, true).routes.tiers.smart.flat().map(nameOf)).toEqual([
      "workers-ai/@cf/meta/llama-3.3-70b-instruct-fp8-fast",
    ]);
  });

  test.each([
    [{ MODEL_PROVIDERS: "hunter2" }, "MODEL_PROVIDERS"],
    [{ MODEL_PROVIDERS: "lab=ftp://hunter2" }, "MODEL_PROVIDERS"],
    [{ MODEL_PROVIDERS: "openai=https://hunter2.example" }, "MODEL_PROVIDERS"],
    [{ MODEL_PROVIDERS: "lab=https://a.example" }, "MODELS"],
    [{ OPENAI_BASE_URL: "hunter2" }, "OPENAI_BASE_URL"],
    [{ ANTHROPIC_BASE_URL: "ftp://hunter2" }, "ANTHROPIC_BASE_URL"],
    [{ MODELS: "smart=hunter2 hunter2" }, "MODELS"],
    [{ MODEL_FALLBACKS: "hunter2" }, "MODEL_FALLBACKS"],
    [{ MODEL_MIN_CONFIDENCE: "hunter2" }, "MODEL_MIN_CONFIDENCE"],
    [{ MODEL_MIN_CONFIDENCE: "70" }, "MODEL_MIN_CONFIDENCE"],
    [{ MODEL_CACHE_TTL_SECONDS: "-1" }, "MODEL_CACHE_TTL_SECONDS"],
  ])("of %j are refused by the variable's name alone", (variables: Variables, name) => {
    const refused = read(variables);
    expect(refused).toMatchObject({ ok: false, refusal: { code: "not_configured" } });
    expect(JSON.stringify(refused)).toContain(name);
    expect(JSON.stringify(refused)).not.toContain("hunter2");
  });
});

describe("MODEL_FALLBACKS", () => {
  const variables = { ...SERVER, MODELS: "fast=a,smart=b,cloud-smart=c" };

  test("says who is asked instead", () => {
    expect(chains({ ...variables, MODEL_FALLBACKS: "fast>smart, smart>cloud-smart" }, "fast")).toEqual([
      ["openai/a", "openai/b", "openai/c"],
    ]);
  });

  test("switches it off", () => {
    expect(chains(variables, "smart")).toEqual([["openai/b", "openai/c"]]);
    expect(chains({ ...variables, MODEL_FALLBACKS: "off" }, "smart")).toEqual([["openai/b"]]);
  });

  test.each(["fast", "fast>quick", "fast>smart>cloud-smart", "fast>smart,fast>cloud-smart", "fast>smart,smart>fast"])(
    "refuses %j",
    (MODEL_FALLBACKS) => {
      expect(read({ ...variables, MODEL_FALLBACKS }).ok).toBe(false);
    },
  );
});
