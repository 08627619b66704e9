// What things are called in Qdrant. Every name is made from the ref's proven owner alone; two owners never share a tenant, and an
// agent named together with an owner who is not its own is a tenant nobody wrote to.
import { createHash } from "node:crypto";
import type { ContextRef } from "#domain/context/port.ts";
import { keyOf } from "#schema/ids.ts";
import type { QdrantPlacement } from "./settings.ts";

/** Of what a collection is made of. A change that old collections do not fit raises it. */
const SCHEMA_VERSION = 1;

/** The lexical vector. */
export const LEX = "lex";

/** Where everything shared lies, under a name that can be moved to another collection. */
export const SHARED_ALIAS = "retinue_contexts";
export const SHARED_COLLECTION = `${SHARED_ALIAS}_v${SCHEMA_VERSION}`;

/** The collection of one agent. It does not follow the agent's name, so a rename moves nothing. */
export const dedicatedCollection = ({ userId, projectId, agentId }: ContextRef): string =>
  `retinue_v${SCHEMA_VERSION}_${keyOf(userId)}_${keyOf(projectId)}_${agentId}`;

/** What requests about a context's points are addressed to. */
export const addressOf = (ref: ContextRef, placement: QdrantPlacement): string =>
  placement === "shared" ? SHARED_ALIAS : dedicatedCollection(ref);

/** Whose points. */
export const tenantOf = ({ userId, projectId, agentId }: ContextRef): string => `${userId}/${projectId}/${agentId}`;

/** The dense vector of one embedding model. A new model is a new vector beside the old: nothing is lost, and nothing compared. */
export const denseName = ({ embedding: { model, dimensions } }: ContextRef): string =>
  `dense_${dimensions}_${createHash("sha256").update(model).digest("hex").slice(0, 12)}`;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** True for what Qdrant takes for a point's id. */
export const isUuid = (text: string): boolean => UUID.test(text);

/**
 * The point of an item; null where no item can have that id. Among others' points two agents may keep the same item: the first
 * half is the item's own, which keeps the order of ids, and the second tells tenants apart.
 */
export const pointOf = (ref: ContextRef, id: string, placement: QdrantPlacement): string | null => {
  if (!isUuid(id)) return null;
  const plain = id.toLowerCase();
  if (placement === "dedicated") return plain;
  const tail = createHash("sha256")
    .update(`${tenantOf(ref)}\n${plain}`)
    .digest("hex");
  return `${plain.slice(0, 18)}-${tail.slice(0, 4)}-${tail.slice(4, 16)}`;
};
