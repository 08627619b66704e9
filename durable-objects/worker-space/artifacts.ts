// Outputs that were kept whole: the row says what, blob storage holds the content.
import { runIdOf, toolCallIdOf } from "#domain/events/ids.ts";
import type { Artifact } from "#schema/api/runs.ts";
import type { ArtifactId } from "#schema/ids.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { Core } from "./core.ts";

/** Reads a kept content; null when it is gone. */
export type ReadContent = (key: string) => Promise<string | null>;

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
    if (row === null || content === null) return refuse("not_found");
    return ok({
      id,
      run_id: runIdOf(row.runId),
      tool_call_id: row.toolCallId === null ? null : toolCallIdOf(row.toolCallId),
      bytes: row.bytes,
      sha256: row.sha256,
      created_at: row.createdAt,
      content,
    });
  }
}
