// Which model is asked: how demanding a request looks, the chain a tier becomes, and who is next when one failed.
import { describe, expect, test } from "vitest";
import type { Candidate, ModelRoutes } from "#domain/models/candidates.ts";
import { nameOf } from "#domain/models/candidates.ts";
import { complexityOf, DEMANDING, type Demand } from "#domain/models/complexity.ts";
import { nextCandidate, type Route, routeOf, type Tried, type Wish } from "#domain/models/route.ts";
import { LIMITS } from "#domain/runs/limits.ts";

const asked = (words: string, more: Partial<Demand> = {}): Demand => ({
  words,
  tools: 0,
  historyTokens: 0,
  thinksAboutWork: false,
  ...more,
});
const tierOf = (demand: Demand) => (complexityOf(demand).score >= DEMANDING ? "smart" : "fast");

describe("how demanding a request looks", () => {
  test.each([
    "Summarize this article",
    "Hello!",
    "What is the capital of France?",
    "Translate this to German: good morning",
    "list the files here",
    "Кратко перескажи эту статью",
    "Переведи на английский: доброе утро",
    "Сколько будет два плюс два?",
    `Summarize this article: ${"The river rose again. ".repeat(60)}`,
  ])("%j is for a fast model", (words) => {
    expect(tierOf(asked(words))).toBe("fast");
  });

  test.each([
    "Write a comprehensive analysis of quantum computing",
    "Design the architecture of a payment system and compare two approaches",
    "Why does this fail?\n```ts\nconst a = await f();\n```",
    "Prove that the square root of two is irrational",
    "Проанализируй причины падения продаж и предложи стратегию",
    "Подробно объясни, почему небо голубое",
    `Summarize and critically evaluate the trade-offs: ${"The river rose again. ".repeat(60)}`,
    `Continue. ${"word ".repeat(2_000)}`,
  ])("%j is for a smart model", (words) => {
    expect(tierOf(asked(words))).toBe("smart");
  });

  test("planning, a long history and many tools weigh too", () => {
    expect(tierOf(asked("do it", { thinksAboutWork: true }))).toBe("smart");
    expect(tierOf(asked("go on", { historyTokens: 20_000 }))).toBe("smart");
    expect(complexityOf(asked("go on", { tools: 6 })).signs).toEqual(["tools"]);
  });

  test("a text of a million characters is judged by its ends", () => {
    const words = `${"a ".repeat(500_000)} comprehensive analysis`;
    expect(complexityOf(asked(words)).signs).toEqual(["reasoning", "long"]);
  });
});

const one = (name: string): Candidate => {
  const [provider = "", model = ""] = name.split("/");
  return { provider, model };
};

const keyed = { configured: true, keyed: true, usual: { fast: "small", smart: "large" } };
const ROUTES: ModelRoutes = {
  tiers: {
    fast: [[one("ollama/a")]],
    "local-fast": [[one("ollama/a")]],
    smart: [[one("openai/b"), one("anthropic/c")]],
    "local-smart": [[one("ollama/d")]],
    "cloud-smart": [[one("openai/b")], [one("cerebras/e")]],
  },
  fallbacks: { fast: "smart", smart: "cloud-smart" },
  providers: {
    openai: keyed,
    anthropic: keyed,
    cerebras: keyed,
    openrouter: { ...keyed, configured: false },
    ollama: { configured: true, keyed: false, usual: null },
    lab: { configured: true, keyed: true, usual: null },
  },
  defaultProvider: "openai",
};

const wish = (changes: Partial<Wish>): Wish => ({
  tier: "smart",
  model: undefined,
  demand: () => asked("hello"),
  ...changes,
});
const route = (changes: Partial<Wish>, busy: Record<string, number> = {}): Route => {
  const found = routeOf(ROUTES, wish(changes), (candidate) => busy[nameOf(candidate)] ?? 0);
  if ("problem" in found) throw new Error(found.problem);
  return found;
};
const names = ({ chain }: Route) => chain.map(nameOf);

describe("a route", () => {
  test("is the tier's models and those behind them, each once, four at most", () => {
    expect(names(route({ tier: "fast" }))).toEqual(["ollama/a", "openai/b", "anthropic/c", "cerebras/e"]);
    expect(names(route({ tier: "smart" }))).toEqual(["openai/b", "anthropic/c", "cerebras/e"]);
  });

  test("asks the least busy of equals first, and keeps the order of groups", () => {
    expect(names(route({}, { "openai/b": 900, "cerebras/e": 0 }))).toEqual(["anthropic/c", "openai/b", "cerebras/e"]);
  });

  test("of `auto` says why", () => {
    const demanding = route({ tier: "auto", demand: () => asked("Write a comprehensive analysis of it") });
    expect(demanding).toMatchObject({ asked: "auto", tier: "smart", reason: "reasoning", complexity: 4 });
    const simple = route({ tier: "auto", demand: () => asked("hello") });
    expect(simple).toMatchObject({ asked: "auto", tier: "fast", reason: "simple", complexity: -2 });
  });

  test("of an exact model is that model alone, with or without its provider", () => {
    expect(names(route({ model: "anthropic/x" }))).toEqual(["anthropic/x"]);
    expect(names(route({ model: "x" }))).toEqual(["openai/x"]);
    expect(names(route({ model: "meta/x" }))).toEqual(["openai/meta/x"]);
    expect(routeOf(ROUTES, wish({ model: "openrouter/x" }), () => 0)).toHaveProperty("problem");
  });

  test("with a key of one's own never leaves that key's provider", () => {
    expect(names(route({ own: { provider: "anthropic" } }))).toEqual(["anthropic/c"]);
    expect(names(route({ own: { provider: null } }))).toEqual(["openai/b"]);
    expect(names(route({ tier: "fast", own: { provider: "openrouter" } }))).toEqual(["openrouter/small"]);
    expect(names(route({ own: { provider: "openrouter" } }))).toEqual(["openrouter/large"]);
    // Ollama knows nobody by a key.
    expect(names(route({ tier: "fast", own: { provider: null } }))).toEqual(["openai/b"]);
    for (const provider of ["ollama", "lab", "nobody"])
      expect(routeOf(ROUTES, wish({ own: { provider } }), () => 0)).toHaveProperty("problem");
  });
});

describe("who is next", () => {
  const chain = [one("openai/a"), one("openai/b"), one("anthropic/c")];
  const failed = (...tries: (readonly [string, Tried["code"]])[]): Tried[] =>
    tries.map(([name, code]) => ({ name, code }));
  const next = (...tries: (readonly [string, Tried["code"]])[]) => {
    const found = nextCandidate(chain, failed(...tries));
    return found === null ? null : [nameOf(found.candidate), found.before];
  };

  test("is the first who was not asked, then whoever was asked least", () => {
    expect(next()).toEqual(["openai/a", 0]);
    expect(next(["openai/a", "timeout"])).toEqual(["openai/b", 0]);
    expect(next(["openai/a", "timeout"], ["openai/b", "server_error"])).toEqual(["anthropic/c", 0]);
    expect(next(["openai/a", "timeout"], ["openai/b", "server_error"], ["anthropic/c", "rate_limited"])).toEqual([
      "openai/a",
      1,
    ]);
  });

  test("is nobody whose key was refused, and nobody who refused the request", () => {
    expect(next(["openai/a", "auth"])).toEqual(["anthropic/c", 0]);
    expect(next(["openai/a", "bad_request"])).toEqual(["openai/b", 0]);
    expect(next(["openai/a", "auth"], ["anthropic/c", "bad_request"])).toBeNull();
  });

  test("is nobody at all when it was tried often enough", () => {
    const alone = [one("openai/a")];
    const tries = (count: number) =>
      Array.from({ length: count }, () => ({ name: "openai/a", code: "timeout" }) as const);
    expect(nextCandidate(alone, tries(LIMITS.modelAttempts - 1))).not.toBeNull();
    expect(nextCandidate(alone, tries(LIMITS.modelAttempts))).toBeNull();
    const many = Array.from({ length: LIMITS.modelTries }, (_, at) => nameOf(chain[at % 3] ?? one("x/y")));
    expect(
      nextCandidate(
        chain,
        many.map((name) => ({ name, code: "timeout" })),
      ),
    ).toBeNull();
  });
});
