// A search in an agent's context, asked through a door: the question's vector is made within the caller's budget, and a model
// that does not answer leaves a search by words.
import type { Context } from "hono";
import type { ContextHit, ContextQuery, ContextRef } from "#domain/context/port.ts";
import { embedWithinBudget } from "#domain/models/priced-embedding.ts";
import type { OwnedProject } from "#schema/principal.ts";
import { ok, type Result } from "#schema/result.ts";
import type { AppEnv } from "./context.ts";

/** What was found, and how. */
export interface Searched {
  readonly hits: readonly ContextHit[];
  readonly mode: "hybrid" | "words";
}

const EMBEDDING_MS = 5_000;

/** Searches. */
export const searched = async (
  c: Context<AppEnv>,
  project: OwnedProject,
  ref: ContextRef,
  query: Omit<ContextQuery, "vector">,
): Promise<Result<Searched>> => {
  const { contexts, embedding } = c.var.services;
  const [limit, spend] = [await c.var.scope.monthlyLimitUsd(project), c.var.scope.spendIn(project)];
  const made = await embedWithinBudget(
    { ...embedding, spend },
    [query.text],
    { timeoutMs: EMBEDDING_MS },
    {
      key: `context-search:${c.var.requestId}`,
      projectId: project.id,
      runId: "work:context-search",
      runLimitUsd: null,
      projectMonthlyLimitUsd: limit,
    },
  );
  if (!made.ok && made.refusal.by === "budget") return { ok: false, refusal: made.refusal.refusal };
  const vector = made.ok ? (made.value.vectors[0] ?? null) : null;
  const hits = await contexts.search(ref, { ...query, vector });
  return hits.ok ? ok({ hits: hits.value, mode: vector === null ? "words" : "hybrid" }) : hits;
};
