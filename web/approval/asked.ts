// A question to a person, as far as it is shown and answered.

/** What is asked. */
export interface Asked {
  readonly id: string;
  /** The run that asks; null for one that asks outside any. */
  readonly runId: string | null;
  readonly kind: string;
  readonly agent: string | null;
  readonly tool: string;
  readonly title: string | null;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly argumentsHash: string;
  readonly reasonCodes: readonly string[];
  readonly expiresAt: string;
  readonly held: boolean;
}
