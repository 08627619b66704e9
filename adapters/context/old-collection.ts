// Collections other programs made, one for each user, read for what they kept of an agent. Only read: what is imported stays where
// it was. A collection is the caller's when its name begins with their own key; nothing else proves it.
import { createHash } from "node:crypto";
import type { FoundPoint } from "#domain/context/imported.ts";
import type { ContextRef } from "#domain/context/port.ts";
import { keyOf } from "#schema/ids.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import { qdrantCalls } from "./qdrant-calls.ts";
import { keptOf } from "./qdrant-filter.ts";
import { isUuid } from "./qdrant-names.ts";
import type { QdrantSettings } from "./settings.ts";

/** A page of points, and where the next begins; null: there is no more. */
export interface FoundPage {
  readonly points: readonly FoundPoint[];
  readonly next: string | null;
}

/** True for the name of a collection that is this owner's: `user{key}_context`, `user{key}_…_context`. */
export const isOwnCollection = ({ userId }: ContextRef, name: string): boolean =>
  new RegExp(`^user${keyOf(userId)}_([A-Za-z0-9_-]+_)?context$`).test(name);

/** The id an imported point has with us: the same each time, and another for every agent. */
export const importedId = ({ agentId }: ContextRef, collection: string, point: string): string => {
  const digest = createHash("sha256").update(`${agentId}\n${collection}\n${point}`).digest("hex");
  const parts = [digest.slice(0, 8), digest.slice(8, 12), `8${digest.slice(13, 16)}`, `8${digest.slice(17, 20)}`];
  return `${parts.join("-")}-${digest.slice(20, 32)}`;
};

/** Reads what a collection of the owner's keeps of an agent, under any of the names it may be known by there. */
export const readOldCollection = async (
  settings: QdrantSettings,
  ref: ContextRef,
  {
    collection,
    names,
    after,
    limit,
  }: { collection: string; names: readonly string[]; after: string | null; limit: number },
): Promise<Result<FoundPage>> => {
  if (!isOwnCollection(ref, collection))
    return refuse("isolation_violation", "The name of a collection of yours begins with your own key");
  if (after !== null && !isUuid(after) && !/^\d{1,19}$/.test(after))
    return refuse("invalid_request", "The cursor is not one of this import");
  const offset = after === null ? {} : { offset: isUuid(after) ? after : Number(after) };
  const page = await qdrantCalls(settings).scroll(collection, keptOf([ref.agentId, ...names]), { limit, ...offset });
  if (page.ok)
    return ok({
      points: page.value.points.map(({ id, payload }) => ({ id: String(id), payload: payload ?? {} })),
      next: page.value.next,
    });
  if (page.refusal.kind === "no_collection") return refuse("not_found", "There is no such collection");
  if (page.refusal.kind === "no_index")
    return refuse("invalid_request", "The collection filters by indexed fields only, and agent_id is not one of them");
  return refuse("context_unavailable", page.refusal.kind === "unavailable" ? page.refusal.detail : page.refusal.kind);
};
