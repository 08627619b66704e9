// What the choice of a model takes: the whole of it, from the words of a request to the chain of models, next to merely
// splitting those words. In this process; nobody is asked anything.
import { readModelSettings } from "../../adapters/models/model-settings.ts";
import { routeOf } from "../../domain/models/route.ts";
import { percentile, type Row } from "../report.ts";

const ROUNDS = 2_000;
const WORDS: Readonly<Record<string, string>> = {
  "a short request": "Summarize this article",
  "a demanding request": "Write a comprehensive analysis of quantum computing",
  "a request of 100,000 characters": "The river rose, and why it rose nobody could say. ".repeat(2_000),
};
const VARIABLES: Readonly<Record<string, string>> = {
  OLLAMA_HOST: "localhost",
  OPENAI_API_KEY: "k",
  ANTHROPIC_API_KEY: "k",
};

const microseconds = (act: () => unknown): Row["figures"] => {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const began = performance.now();
    act();
    times.push((performance.now() - began) * 1_000);
  }
  return { "p50 µs": percentile(times, 0.5), "p99 µs": percentile(times, 0.99), "max µs": Math.max(...times) };
};

export async function routingSection(withProduct: boolean): Promise<Row[]> {
  const settings = readModelSettings((name) => VARIABLES[name]);
  if (!settings.ok) throw new Error(settings.refusal.detail);
  const { routes } = settings.value;
  return Object.entries(WORDS).flatMap(([situation, words]) => {
    const demand = () => ({ words, tools: 4, historyTokens: 1_000, thinksAboutWork: false });
    const choose = () => routeOf(routes, { tier: "auto", model: undefined, demand }, () => 0);
    const row = (contender: string, act: () => unknown): Row => ({
      section: "routing",
      case: situation,
      contender,
      figures: microseconds(act),
    });
    return [...(withProduct ? [row("retinue", choose)] : []), row("splitting the words", () => words.split(/\s+/))];
  });
}
