// A search in an agent's context, asked through a door: the question's vector is made within the caller's budget, and a model
// that does not answer leaves a search by words.
import type { Context } from "hono";
import type { ContextHit, ContextQuery, ContextRef } from "#domain/context/port.ts";
import { ok, type Result } from "#schema/result.ts";
import type { AppEnv } from "./context.ts";
import { type EmbeddedFor, embedAtDoor, QUESTION_MS } from "./embed-at-door.ts";

/** What was found, and how. */
export interface Searched {
  readonly hits: readonly ContextHit[];
  readonly mode: "hybrid" | "words";
}

/** Searches. */
export const searched = async (
  c: Context<AppEnv>,
  { ref, ...place }: EmbeddedFor & { readonly ref: ContextRef },
  query: Omit<ContextQuery, "vector">,
): Promise<Result<Searched>> => {
  const made = await embedAtDoor(c, place, "context-search", [query.text], QUESTION_MS);
  if (!made.ok && made.refusal.by === "budget") return { ok: false, refusal: made.refusal.refusal };
  const vector = made.ok ? (made.value.vectors[0] ?? null) : null;
  const hits = await c.var.services.contexts.search(ref, { ...query, vector });
  return hits.ok ? ok({ hits: hits.value, mode: vector === null ? "words" : "hybrid" }) : hits;
};
