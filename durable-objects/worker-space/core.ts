// What every organ of a space shares: its tables, its log, its one commit, and the few facts about itself.
import type { ChatModel } from "#domain/models/port.ts";
import type { Given } from "#domain/runs/work.ts";
import type { MintId, ProjectId, UserId } from "#schema/ids.ts";
import type { Commit } from "./commit.ts";
import type { EventLog } from "./event-log.ts";
import type { LiveHub } from "./live-hub.ts";
import type { ModelChoice } from "./model-choice.ts";
import type { ProjectLimit } from "./project-limit.ts";
import type { RunSecrets } from "./run-secrets.ts";
import type { SpaceSettings } from "./settings.ts";
import type { Tables } from "./tables.ts";

/** Whose space this is; known from the first use on. */
export interface Owner {
  readonly userId: UserId;
  readonly projectId: ProjectId;
}

/** Handed to every organ. */
export interface Core {
  readonly tables: Tables;
  readonly log: EventLog;
  readonly commit: Commit;
  readonly hub: LiveHub;
  readonly settings: SpaceSettings;
  readonly model: ChatModel;
  readonly choices: ModelChoice;
  readonly projectLimit: ProjectLimit;
  readonly secrets: RunSecrets;
  readonly newId: MintId;
  now(): number;
  given(): Given;
  owner(): Owner;
}
