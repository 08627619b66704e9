// Redaction: an event's words are taken out of the log and of everything made from them, and a marker vouches for the gap.
// Contents kept outside are deleted afterwards, and asked to be deleted again until they are.
import { actingFor } from "#domain/events/acting.ts";
import { type RedactionState, redactEvent } from "#domain/events/redaction.ts";
import type { StoredEvent } from "#schema/api/events.ts";
import type { SpaceCaller } from "#schema/principal.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import { runsCiting } from "./citing-runs.ts";
import type { Core } from "./core.ts";

/** Deletes a kept content; deleting what is not there is no failure. */
export type DeleteContent = (key: string) => Promise<void>;

/** What a redacted run left in its agents' contexts goes the way of kept contents: this names it among them. */
const RUN = "context-of:";
/** The key of that row. While it stands, nothing of the run is stored in a context. */
export const contextOfRun = (runId: string): string => `${RUN}${runId}`;
/** The same of what its owner's memory holds of it. */
const LEARNED = "memory-of:";

/** Deletes kept contents, and what runs left in contexts. */
export const erasing =
  (
    deleteBlob: DeleteContent,
    forgetRun: (runId: string) => Promise<void>,
    unlearnRun: (runId: string) => Promise<void>,
  ): DeleteContent =>
  (key) => {
    if (key.startsWith(RUN)) return forgetRun(key.slice(RUN.length));
    return key.startsWith(LEARNED) ? unlearnRun(key.slice(LEARNED.length)) : deleteBlob(key);
  };

const ENDED: ReadonlySet<string> = new Set(["completed", "failed", "cancelled"]);
/** Between two tries at deleting a content, ms: doubled each time, up to an hour. */
const PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 3_600_000;
const AT_ONCE = 20;

export class Redactions {
  readonly #core: Core;
  readonly #delete: DeleteContent;
  #deleting = false;

  constructor(core: Core, deleteContent: DeleteContent) {
    this.#core = core;
    this.#delete = deleteContent;
  }

  /** Takes the words out of an event. A repeat answers the same: the first reason stands. */
  redact(caller: SpaceCaller, eventId: string, reason: string): Result<StoredEvent> {
    const { log, commit, given } = this.#core;
    const event = log.byId(eventId);
    if (event === null) return refuse("not_found");
    if (event.data === null) return ok(event);
    const state = { ...this.#around(event, event.data), projectId: caller.project_id };
    const decided = redactEvent(state, { reason, acting: actingFor(caller) }, given());
    if (!decided.ok) return decided;
    commit.apply(decided.value);
    const gone = log.byId(eventId);
    return gone === null ? refuse("not_found") : ok(gone);
  }

  /**
   * Memories that came from these runs are deleted: what agents keep of them in their contexts goes too, sooner or later, and so
   * does what they keep of runs whose answers cite those memories.
   */
  forgetRuns(runIds: readonly string[], memoryIds: readonly string[]): number {
    const { tables, commit, now } = this.#core;
    const named = new Set([...runIds, ...runsCiting(this.#core, memoryIds)]);
    const keys = [...named].filter((runId) => tables.runs.get(runId) !== null).map(contextOfRun);
    commit.apply({ facts: [], work: keys.length === 0 ? [] : [{ kind: "contents.erase", keys, at: now() }] });
    return keys.length;
  }

  /** When the next content is to be deleted, epoch ms; null when none is. */
  due(): number | null {
    const { sql, erasures } = this.#core.tables;
    if (erasures.isEmpty) return null;
    const [first] = sql.exec<{ at: number | null }>("select min(due_at) as at from erasures");
    return first?.at ?? null;
  }

  /** Deletes the contents whose time has come. */
  async deleteContents(): Promise<void> {
    const { tables, now } = this.#core;
    const due = this.due();
    if (this.#deleting || due === null || due > now()) return;
    this.#deleting = true;
    try {
      for (const row of tables.erasures.find("where due_at <= ? order by due_at limit ?", now(), AT_ONCE)) {
        const pause = Math.min(LONGEST_PAUSE_MS, PAUSE_MS * 2 ** Math.min(row.attempts, 20));
        tables.erasures.put({ ...row, attempts: row.attempts + 1, dueAt: now() + pause });
        const done = await this.#delete(row.r2Key).then(
          () => true,
          () => false,
        );
        if (done) tables.erasures.delete(row.r2Key);
      }
    } finally {
      this.#deleting = false;
    }
  }

  #around(event: StoredEvent, data: Readonly<Record<string, unknown>>): Omit<RedactionState, "projectId"> {
    const { tables } = this.#core;
    const text = (name: string): string | null => {
      const value = data[name];
      return typeof value === "string" ? value : null;
    };
    const [approvalId, artifactId] = [text("approval_id"), text("artifact_id")];
    const run = event.run_id === null ? null : tables.runs.get(event.run_id);
    const approval = approvalId === null ? null : tables.approvals.get(approvalId);
    const artifact = artifactId === null ? null : tables.artifacts.get(artifactId);
    return {
      event: { ...event, data },
      inHand: run !== null && !ENDED.has(run.status),
      asked: approval?.status === "pending",
      blobs: [
        ...(artifact === null || artifact.r2Key === null ? [] : [artifact.r2Key]),
        ...(run === null || run.mode === "external" ? [] : [contextOfRun(run.id), `${LEARNED}${run.id}`]),
      ],
    };
  }
}
