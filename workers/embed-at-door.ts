// Vectors that a request needs, made within the caller's budget; what they cost is told to the project's space, where usage is
// counted.
import type { Context } from "hono";
import type { Embedded } from "#domain/models/embeddings.ts";
import {
  type EmbeddingTook,
  embeddingUsed,
  embedWithinBudget,
  type NotEmbedded,
} from "#domain/models/priced-embedding.ts";
import type { AgentRecord } from "#schema/api/agents.ts";
import type { OwnedProject } from "#schema/principal.ts";
import type { Result } from "#schema/result.ts";
import type { AppEnv } from "./context.ts";

/** On whose account they are made, and for whose context; null: for what the user remembers. */
export interface EmbeddedFor {
  readonly project: OwnedProject;
  readonly agent: Pick<AgentRecord, "id"> | null;
}

/** How long somebody who asked waits for their question's vector, ms. */
export const QUESTION_MS = 5_000;

/** Tells the space what vectors took, made or not. */
export const tellEmbedded = async (
  c: Context<AppEnv>,
  { project, agent }: EmbeddedFor,
  made: Result<EmbeddingTook, NotEmbedded>,
  durationMs: number,
): Promise<void> => {
  const { scope, services } = c.var;
  const used = embeddingUsed(services.embedding.model.model, agent?.id ?? null, made, durationMs);
  if (used !== null) await scope.tell(project, ({ space, caller }) => space.modelUsed(caller, used, []));
};

/** The vectors of these texts, or who would not make them. */
export const embedAtDoor = async (
  c: Context<AppEnv>,
  place: EmbeddedFor,
  purpose: "context-search" | "context-move" | "memory-search",
  texts: readonly string[],
  timeoutMs: number,
): Promise<Result<Embedded, NotEmbedded>> => {
  const { scope, services } = c.var;
  const account = {
    key: `${purpose}:${c.var.requestId}`,
    projectId: place.project.id,
    runId: `work:${purpose}` as const,
    runLimitUsd: null,
    projectMonthlyLimitUsd: await scope.monthlyLimitUsd(place.project),
  };
  const started = services.now();
  const asked = { ...services.embedding, spend: scope.spendIn(place.project) };
  const made = await embedWithinBudget(asked, texts, { timeoutMs }, account);
  await tellEmbedded(c, place, made, services.now() - started);
  return made;
};
