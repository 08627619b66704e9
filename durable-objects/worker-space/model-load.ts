// How busy each model has been kept by this space: the tokens of the last minute, and what is out. In memory and for this
// space alone: it spreads calls over equals, and nothing is lost by beginning at zero.
import { type Candidate, nameOf } from "#domain/models/candidates.ts";

const WINDOW_MS = 60_000;
/** A call that is out weighs as much as an ordinary answer. */
const OUT_TOKENS = 1_000;

interface Use {
  readonly at: number;
  readonly tokens: number;
}

export class ModelLoad {
  readonly #uses = new Map<string, Use[]>();
  readonly #out = new Map<string, number>();

  /** A call begins. */
  began(candidate: Candidate): void {
    this.#count(candidate, 1);
  }

  /** A call ended and took so many tokens. */
  ended(candidate: Candidate, tokens: number, now: number): void {
    this.#count(candidate, -1);
    const name = nameOf(candidate);
    this.#uses.set(name, [...this.#recent(name, now), { at: now, tokens }]);
  }

  /** Tokens of the last minute. */
  of(candidate: Candidate, now: number): number {
    const name = nameOf(candidate);
    const recent = this.#recent(name, now);
    this.#uses.set(name, recent);
    return recent.reduce((sum, { tokens }) => sum + tokens, (this.#out.get(name) ?? 0) * OUT_TOKENS);
  }

  #recent(name: string, now: number): Use[] {
    return (this.#uses.get(name) ?? []).filter(({ at }) => at > now - WINDOW_MS);
  }

  #count(candidate: Candidate, by: number): void {
    const name = nameOf(candidate);
    this.#out.set(name, Math.max(0, (this.#out.get(name) ?? 0) + by));
  }
}
