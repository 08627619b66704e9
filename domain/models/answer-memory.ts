// The narrow hand through which answers of models are remembered for a while. It belongs to one user: whatever is asked of it
// is that user's own. Both implementations (the user's own object, and Redis) pass one contract suite. Losing an answer is
// harmless, so nobody relies on it.

/** One user's remembered answers, by the hash of what was asked. */
export interface AnswerMemory {
  /** The answer; null when there is none, or its time is over. */
  recall(key: string): Promise<string | null>;
  /** Keeps an answer for so long. One too long to keep, or for which there is no room, is not kept. */
  keep(key: string, answer: string, ttlSeconds: number): Promise<void>;
}

/** Characters of an answer that is kept. */
export const LONGEST_KEPT_ANSWER = 100_000;
