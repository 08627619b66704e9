// Plans that wait for a person: answered, superseded by a newer message, or not answered in time.
import { closePlan, decidePlan } from "#domain/plans/decide.ts";
import type { Scene } from "#domain/runs/scene.ts";
import type { Decision } from "#domain/runs/work.ts";
import type { ApprovalAnswer } from "#schema/api/approvals.ts";
import type { EventPrincipal } from "#schema/principal.ts";
import { type Result, refuse } from "#schema/result.ts";
import type { ApprovalRow } from "#schema/space/read-models.ts";
import type { Core } from "./core.ts";
import { overduePlans } from "./open-approvals.ts";
import { ownRun, planGroundOf, sceneOf } from "./scenes.ts";

/** Decides one answer to one plan. */
export const answerPlan = (
  core: Core,
  row: ApprovalRow,
  answer: Exclude<ApprovalAnswer, { decision: "hold" }>,
  by: EventPrincipal,
): Result<Decision> => {
  const run = row.runId === null ? null : ownRun(core, row.runId);
  const ground = run === null ? null : planGroundOf(core, run);
  if (run === null || ground === null || run.endedAt !== null)
    return refuse("already_decided", "the run of this plan has ended");
  return decidePlan(sceneOf(core, run), row, answer, by, ground, core.newId("message"), core.given());
};

const sceneOfPlan = (core: Core, row: ApprovalRow): Scene | null => {
  const run = row.runId === null ? null : ownRun(core, row.runId);
  return run === null || run.endedAt !== null ? null : sceneOf(core, run);
};

/** Plans of a room that wait for an answer, with their runs. */
export const openPlans = (core: Core, roomId: string): { scene: Scene; approval: ApprovalRow }[] =>
  core.tables.approvals
    .find("where status = 'pending' and kind = 'plan' and room_id = ?", roomId)
    .flatMap((approval) => {
      const scene = sceneOfPlan(core, approval);
      return scene === null ? [] : [{ scene, approval }];
    });

/** Ends the runs whose plan nobody answered in time. */
export const expirePlans = (core: Core, at: string): void => {
  for (const id of overduePlans(core.tables, at)) {
    const approval = core.tables.approvals.get(id);
    const scene = approval === null ? null : sceneOfPlan(core, approval);
    if (approval !== null && scene !== null)
      core.commit.apply(closePlan(scene, approval, { kind: "expired" }, "service:space", core.given()));
  }
};
