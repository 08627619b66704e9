// One page of an agent's context on its way to another place. Vectors that cannot be carried are made within the caller's budget;
// where they cannot be made either, the items wait for them, and the move goes on.
import type { Context } from "hono";
import type { ContextPlace, ReachedPlace } from "#adapters/context/context-store.ts";
import { importedId, readOldCollection } from "#adapters/context/old-collection.ts";
import { embeddingText } from "#domain/context/embedding-text.ts";
import { importedItem } from "#domain/context/imported.ts";
import { MOST_TEXT } from "#domain/context/limits.ts";
import { arrived, MOVED_AT_ONCE, type MoveDeps, movePage } from "#domain/context/move.ts";
import type { ContextItem, ContextRef } from "#domain/context/port.ts";
import type { AgentRecord } from "#schema/api/agents.ts";
import type { MoveContextBody, MovedContext } from "#schema/api/context.ts";
import { agentHandle, keyOf } from "#schema/ids.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { AppEnv } from "./context.ts";
import { embedAtDoor } from "./embed-at-door.ts";
import type { ReachedSpace } from "./request-scope.ts";

/** Whose context moves. */
export interface MovingContext extends ReachedSpace {
  readonly agent: AgentRecord;
  readonly ref: ContextRef;
}

const EMBEDDING_MS = 30_000;
/** Which setting is lacking; that one is, the refusal says by itself. */
const NOWHERE = "QDRANT_URL, the address of a Qdrant server";

/** Moves the next page. */
export const movedPage = async (
  c: Context<AppEnv>,
  moving: MovingContext,
  body: MoveContextBody,
): Promise<Result<MovedContext>> => {
  const { config, contextPlace } = c.var.services;
  if (config.qdrant === null) return refuse("not_configured", NOWHERE);
  const { placement } = config.qdrant;
  const to: ContextPlace = body.to === "qdrant" ? placement : "embedded";
  const target = contextPlace(to);
  if (target === null) return refuse("not_configured", NOWHERE);
  if (body.from_collection !== undefined) return imported(c, moving, target, body.from_collection, body.cursor ?? null);

  const from: ContextPlace = body.from_placement ?? (to === "embedded" ? placement : "embedded");
  if (from === to) return refuse("invalid_request", "it would move to where it is");
  const source = contextPlace(from);
  if (source === null) return refuse("not_configured", NOWHERE);
  const moved = await movePage(
    {
      source: source.store,
      target: target.store,
      vectorsOf: source.vectorsOf,
      embed: embedderFor(c, moving),
      clearSource: !source.active,
    },
    moving.ref,
  );
  if (!moved.ok) return moved;
  const { remaining } = moved.value;
  return ok({ ...moved.value, skipped: 0, next_cursor: null, done: remaining === 0 });
};

/** A page of a collection another program kept. */
const imported = async (
  c: Context<AppEnv>,
  moving: MovingContext,
  target: ReachedPlace,
  collection: string,
  after: string | null,
): Promise<Result<MovedContext>> => {
  const { config, now } = c.var.services;
  const { agent, ref, project } = moving;
  if (config.qdrant === null) return refuse("not_configured", NOWHERE);
  const names = [agent.name, agentHandle(keyOf(ref.userId), project.key, agent.name, agent.version)];
  const page = await readOldCollection(config.qdrant, ref, { collection, names, after, limit: MOVED_AT_ONCE });
  if (!page.ok) return page;
  const { points, next } = page.value;
  const items = points.flatMap((point): ContextItem[] => {
    const item = importedItem(point, importedId(ref, collection, point.id), now(), MOST_TEXT);
    return item === null ? [] : [item];
  });
  const deps = { target: target.store, vectorsOf: null, embed: embedderFor(c, moving) };
  const there = await arrived(deps, ref, items);
  if (!there.ok) return there;
  return ok({
    moved: items.length,
    pending: there.value.pending,
    skipped: points.length - items.length,
    remaining: null,
    next_cursor: next,
    done: next === null,
  });
};

const embedderFor =
  (c: Context<AppEnv>, moving: MovingContext): NonNullable<MoveDeps["embed"]> =>
  async (items) => {
    const made = await embedAtDoor(c, moving, "context-move", items.map(embeddingText), EMBEDDING_MS);
    return made.ok ? made.value.vectors : null;
  };
