// The bounds that make every run end.

/** Limits of runs and their parts. */
export const LIMITS = {
  /** Tries of one model call at one model, after failures of the provider. */
  modelAttempts: 3,
  /** Tries of one model call over all models that may be asked instead. */
  modelTries: 8,
  /** Tries of one model call that a crash interrupted, and the last one. */
  attemptsWithInterruptions: 6,
  /** First pause between two tries, ms; doubles. */
  backoffMs: 500,
  /** Longest pause we grant a provider's own wish, ms. */
  maxBackoffMs: 20_000,
  /** Turns at once in one space, over all its agents. */
  turnsAtOnce: 32,
  /** Turns at once in one run that has no plan of its own to say: colleagues who help a direct call. */
  turnsOfRun: 3,
  /** Turns waiting in one space. */
  queuedTurns: 500,
  /** How long a tool of the server has, crashes and repeats included, ms. */
  serverCallMs: 60_000,
  /** Tries of one such call, interruptions by a crash included. */
  serverCallAttempts: 3,
  /** Tries of one step of a plan. */
  stepTries: 2,
  /** Colleagues that may stand between a step and whoever works for it, and how often colleagues may be asked in one run. */
  colleagueDepth: 2,
  colleaguesPerRun: 12,
  /** Tokens of an answer where neither agent nor orchestrator sets a limit and the model has a price. */
  outputTokens: 4_096,
  /** Tool calls one answer of a model may ask for. */
  toolCallsPerIteration: 16,
} as const;

/** The pause before the next try: exponential, or the provider's wish within bounds. */
export const backoff = (attempt: number, wishMs: number | null): number =>
  Math.min(LIMITS.maxBackoffMs, Math.max(wishMs ?? 0, LIMITS.backoffMs * 2 ** (attempt - 1)));
