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

/** What a model was used for lately, oldest first, and all of it together. */
interface Recent {
  readonly uses: Use[];
  tokens: number;
}

export class ModelLoad {
  readonly #recent = new Map<string, Recent>();
  readonly #out = new Map<string, number>();

  /** A call begins. */
  began(candidate: Candidate): void {
    this.#count(candidate, 1);
  }

  /** A call ended and took so many tokens. */
  ended(candidate: Candidate, tokens: number, now: number): void {
    this.#count(candidate, -1);
    const recent = this.#recentOf(nameOf(candidate), now);
    recent.uses.push({ at: now, tokens });
    recent.tokens += tokens;
  }

  /** Tokens of the last minute. */
  of(candidate: Candidate, now: number): number {
    const name = nameOf(candidate);
    return this.#recentOf(name, now).tokens + (this.#out.get(name) ?? 0) * OUT_TOKENS;
  }

  #recentOf(name: string, now: number): Recent {
    const recent = this.#recent.get(name) ?? { uses: [], tokens: 0 };
    this.#recent.set(name, recent);
    for (let [oldest] = recent.uses; oldest !== undefined && oldest.at <= now - WINDOW_MS; [oldest] = recent.uses) {
      recent.uses.shift();
      recent.tokens -= oldest.tokens;
    }
    return recent;
  }

  #count(candidate: Candidate, by: number): void {
    const name = nameOf(candidate);
    this.#out.set(name, Math.max(0, (this.#out.get(name) ?? 0) + by));
  }
}
