// The pipeline: all runs of a space sorted into six stages. Nothing of it is stored; it is kept until the log grows.
import { STAGES, type Standing, sortIntoStages } from "#domain/runs/pipeline.ts";
import type { PipelineProjection } from "#schema/api/pipeline.ts";
import type { RunRow } from "#schema/space/read-models.ts";
import type { Core } from "./core.ts";
import { viewRun } from "./views.ts";

const QUERY = `select r.id, r.status, r.open_approvals, p.status as plan,
    exists (select 1 from steps s where s.run_id = r.id and s.kind = 'agent' and s.started_at is not null) as begun,
    (exists (select 1 from steps s where s.run_id = r.id and s.status = 'failed')
      or exists (select 1 from tool_calls c where c.run_id = r.id and c.status = 'indeterminate')
      or r.id in (select run_id from incidents where status = 'open' and run_id is not null)) as troubled
  from runs r left join plans p on p.run_id = r.id order by r.id desc`;

interface Line extends Record<string, SqlStorageValue> {
  id: string;
  status: RunRow["status"];
  open_approvals: number;
  plan: Standing["plan"];
  begun: number;
  troubled: number;
}

export class PipelineView {
  readonly #core: Core;
  #kept: PipelineProjection | null = null;

  constructor(core: Core) {
    this.#core = core;
  }

  /** The snapshot at the head of the log, with so many of the newest runs of each stage. */
  project(most: number): PipelineProjection {
    const { log, tables } = this.#core;
    const version = `${log.head.seq}-${log.head.hash.slice(0, 12)}-${most}`;
    if (this.#kept?.version === version) return this.#kept;
    const { projectId } = this.#core.owner();
    const sorted = sortIntoStages(this.#standings(), most);
    this.#kept = {
      version,
      project_id: projectId,
      seq: log.head.seq,
      stages: STAGES.map((stage) => ({
        stage,
        count: sorted[stage].count,
        items: sorted[stage].newest.flatMap((id) => {
          const row = tables.runs.get(id);
          // What a run was given and gave may be large, and six hundred of them would not fit one answer.
          return row === null ? [] : [{ ...viewRun(projectId, row), input: null, output: null }];
        }),
      })),
    };
    return this.#kept;
  }

  *#standings(): Generator<readonly [string, Standing]> {
    for (const line of this.#core.tables.sql.exec<Line>(QUERY)) {
      yield [
        line.id,
        {
          status: line.status,
          openApprovals: line.open_approvals,
          plan: line.plan,
          begun: line.begun === 1,
          troubled: line.troubled === 1,
        },
      ];
    }
  }
}
