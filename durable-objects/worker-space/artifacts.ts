// Outputs that were kept: the row says what, and has the content of small ones; blob storage holds that of large ones.
import { artifactIdOf, runIdOf, stepIdOf, toolCallIdOf } from "#domain/events/ids.ts";
import { keyOfCursor, pageById } from "#domain/paging.ts";
import type { Page, PageQuery } from "#schema/api/common.ts";
import type { Artifact, ArtifactEntry } from "#schema/api/runs.ts";
import type { ArtifactId, RunId } from "#schema/ids.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { ArtifactRow } from "#schema/space/read-models.ts";
import type { Core } from "./core.ts";

/** Reads a kept content; null when it is gone. */
export type ReadContent = (key: string) => Promise<string | null>;

const entryOf = (row: ArtifactRow): ArtifactEntry => ({
  id: artifactIdOf(row.id),
  run_id: runIdOf(row.runId),
  step_id: row.stepId === null ? null : stepIdOf(row.stepId),
  tool_call_id: row.toolCallId === null ? null : toolCallIdOf(row.toolCallId),
  kind: row.kind,
  name: row.name,
  bytes: row.bytes,
  sha256: row.sha256,
  created_at: row.createdAt,
});

export class Artifacts {
  readonly #core: Core;
  readonly #read: ReadContent;

  constructor(core: Core, read: ReadContent) {
    this.#core = core;
    this.#read = read;
  }

  async view(id: ArtifactId): Promise<Result<Artifact>> {
    const row = this.#core.tables.artifacts.get(id);
    const content = row === null || row.r2Key === null ? (row?.content ?? null) : await this.#read(row.r2Key);
    return row === null || content === null ? refuse("not_found") : ok({ ...entryOf(row), content });
  }

  /** Oldest first, without their contents. */
  list(runId: RunId | null, page: PageQuery): Result<Page<ArtifactEntry>> {
    const { tables } = this.#core;
    const after = keyOfCursor(page.cursor) ?? "";
    if (runId !== null && tables.runs.get(runId) === null) return refuse("not_found");
    const { rows, limit } =
      runId === null
        ? tables.artifacts.window(page.limit, "where id > ? order by id limit ?", after)
        : tables.artifacts.window(page.limit, "where run_id = ? and id > ? order by id limit ?", runId, after);
    return ok(pageById(rows, limit, entryOf));
  }
}
