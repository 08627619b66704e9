// Vectors that a request needs, made within the caller's budget; what they cost is told to the project's space, where usage is
// counted.
import type { Context } from "hono";
import { claimIn } from "#domain/models/charge.ts";
import type { Embedded } from "#domain/models/embeddings.ts";
import { embedWithinBudget, type NotEmbedded } from "#domain/models/priced-embedding.ts";
import type { AgentRecord } from "#schema/api/agents.ts";
import type { OwnedProject } from "#schema/principal.ts";
import type { Result } from "#schema/result.ts";
import type { AppEnv } from "./context.ts";

/** Whose context they are for. */
export interface EmbeddedFor {
  readonly project: OwnedProject;
  readonly agent: Pick<AgentRecord, "id">;
}

/** Tells the space what vectors took. What cost nothing is not told: it would be a row for every question. */
export const tellEmbedded = async (
  c: Context<AppEnv>,
  { project, agent }: EmbeddedFor,
  made: Omit<Embedded, "vectors"> & { readonly durationMs: number },
): Promise<void> => {
  const { inputTokens, costUsd, durationMs } = made;
  if (costUsd === 0) return;
  const { scope, services } = c.var;
  const used = {
    purpose: "embedding" as const,
    agent_id: agent.id,
    model: services.embedding.model.model,
    input_tokens: inputTokens,
    output_tokens: 0,
    cost_usd: costUsd,
    duration_ms: durationMs,
    ...claimIn(made),
  };
  await scope.tell(project, ({ space, caller }) => space.modelUsed(caller, used, []));
};

/** The vectors of these texts, or who would not make them. */
export const embedAtDoor = async (
  c: Context<AppEnv>,
  place: EmbeddedFor,
  purpose: "context-search" | "context-move",
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
  if (made.ok) await tellEmbedded(c, place, { ...made.value, durationMs: services.now() - started });
  return made;
};
