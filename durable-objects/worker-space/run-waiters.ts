// Callers who wait for a run's end. Only a courtesy to the one who asked: the run does not depend on it.
export class RunWaiters {
  readonly #waiting = new Map<string, Set<() => void>>();

  /** Resolves when the run has ended, or after `ms`. */
  async wait(runId: string, ms: number): Promise<void> {
    if (ms <= 0) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        const others = this.#waiting.get(runId);
        others?.delete(done);
        if (others?.size === 0) this.#waiting.delete(runId);
        resolve();
      };
      const timer = setTimeout(done, ms);
      const others = this.#waiting.get(runId);
      if (others === undefined) this.#waiting.set(runId, new Set([done]));
      else others.add(done);
    });
  }

  ended(runId: string): void {
    for (const done of [...(this.#waiting.get(runId) ?? [])]) done();
  }
}
