// Secrets that came with a request, for as long as its run is in hand. They are here and nowhere else: a crash, or an object
// that went to sleep, loses them, and what then becomes of the run is decided by whoever needed them. Never logged, never stored.
import type { OwnKey } from "#domain/models/port.ts";
import { type BroughtSecrets, kindsBrought, NO_SECRETS } from "#schema/api/brought.ts";
import type { LoggedEvent } from "#schema/events/index.ts";
import type { RunRow } from "#schema/space/read-models.ts";

export class RunSecrets {
  readonly #kept = new Map<string, BroughtSecrets>();

  /** Keeps what a request brought for its run. To be called before the run begins: its first model call may follow at once. */
  keep(runId: string, secrets: BroughtSecrets): void {
    if (kindsBrought(secrets) !== null) this.#kept.set(runId, secrets);
  }

  /** What is still known; nothing, when the run brought nothing or it was lost. */
  of(runId: string): BroughtSecrets {
    return this.#kept.get(runId) ?? NO_SECRETS;
  }

  /** The caller's own key for the run's model calls. */
  keyOf(run: Pick<RunRow, "id" | "brought">): OwnKey | "none" | "lost" {
    if (!run.brought?.includes("model_key")) return "none";
    const { modelApiKey: key, modelProvider: provider } = this.of(run.id);
    return key === null ? "lost" : { key, provider };
  }

  /** Forgets them, as when the run did not begin after all. */
  drop(runId: string): void {
    this.#kept.delete(runId);
  }

  /** A run that ended needs them no more. */
  heed(event: LoggedEvent): void {
    if (event.type === "run.completed" || event.type === "run.failed" || event.type === "run.cancelled")
      this.drop(event.data.run_id);
  }
}
