// A plan in text: its steps layer by layer, each with its agent and what it waits for, and why a person is asked. Names come from models: each stays on its line, so that none can draw a step that is not there.
import { layersOf } from "#domain/plans/check.ts";
import { harmlessLine } from "../terminal/harmless.ts";

/** A step to be drawn. */
export interface DrawnStep {
  readonly id: string;
  readonly title: string;
  readonly agent: string;
  readonly instruction: string;
  readonly depends_on: readonly string[];
  /** How it stands, in a run; `mark` is one character. */
  readonly state?: { readonly mark: string; readonly words: string };
  /** Lines under it. */
  readonly below?: readonly string[];
}

const block = (text: string): string[] => text.split("\n").map((line) => `      │ ${line}`);

// A short instruction is its own title, but for a capital letter at its beginning.
const isSaid = ({ title, instruction }: DrawnStep): boolean =>
  title.slice(1) === instruction.slice(1) && title.charAt(0).toLowerCase() === instruction.charAt(0).toLowerCase();

/** The steps, layer by layer; with their whole instructions when they are to be judged. */
export const stepsText = (steps: readonly DrawnStep[], whole: boolean): string => {
  const layers = layersOf(steps);
  const width = (of: (step: DrawnStep) => string) =>
    Math.max(0, ...steps.map((step) => [...harmlessLine(of(step))].length));
  const [ids, agents] = [width(({ id }) => id), width(({ agent }) => agent)];
  const pad = (text: string, to: number) => text + " ".repeat(Math.max(0, to - [...text].length));
  const line = (step: DrawnStep): string[] => {
    const after = step.depends_on.length === 0 ? "" : `  ← ${step.depends_on.map(harmlessLine).join(", ")}`;
    const state = step.state === undefined ? "" : `${step.state.mark} `;
    const words = step.state === undefined ? "" : `  (${harmlessLine(step.state.words)})`;
    const head = `  ${state}${pad(harmlessLine(step.id), ids)}  ${pad(harmlessLine(step.agent), agents)}  ${harmlessLine(step.title)}${after}${words}`;
    const says = whole && !isSaid(step) ? block(step.instruction) : [];
    return [head, ...says, ...(step.below ?? []).flatMap(block)];
  };
  const byLayer = new Map<number, DrawnStep[]>();
  for (const step of steps) {
    const layer = layers?.get(step.id) ?? 0;
    byLayer.set(layer, [...(byLayer.get(layer) ?? []), step]);
  }
  return [...byLayer]
    .sort(([one], [other]) => one - other)
    .map(([, row]) => row.flatMap(line).join("\n"))
    .join("\n  ↓\n");
};

const REASONS: Readonly<Record<string, string>> = {
  always_asks: "every plan asks",
  over_steps: "it has more steps than may run unasked",
  over_cost: "it may cost more than may be spent unasked",
  over_risk: "its risk is higher than may be run unasked",
};

/** Why a person is asked; empty when nobody need be. */
export const reasonsText = (codes: readonly string[]): string =>
  codes.map((code) => REASONS[code] ?? harmlessLine(code)).join("; ");

/** "1 step", "3 steps". */
export const stepCount = (count: number): string => `${count} step${count === 1 ? "" : "s"}`;
