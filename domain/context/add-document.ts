// Adding a document: its vectors are made within the user's budget, which is asked once for all of it before anything is stored.
// An embedding model that does not answer does not keep a document out: its pieces are found by their words until the space has
// embedded them. What breaks off is taken out again, and a repeat stores the same; what a crash left is taken out when the title
// comes again.

import type { DocumentId } from "#schema/ids.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { PriceBook } from "../billing/price.ts";
import { type Charged, type SpendDeps, withinBudget } from "../billing/within-budget.ts";
import type { Embedded, EmbeddingModel } from "../models/embeddings.ts";
import type { ModelFailure, Taken } from "../models/port.ts";
import { type EmbeddingAccount, embedCounted, worstCaseEmbeddingUsd } from "../models/priced-embedding.ts";
import {
  documentIdOf,
  documentsCalled,
  forgetDocument,
  itemsOf,
  type ListedDocument,
  type NewDocument,
  piecesThere,
  shownTags,
} from "./documents.ts";
import { embeddingText } from "./embedding-text.ts";
import type { ContextItem, ContextRef, ContextStore } from "./port.ts";

/** What adding needs of the world. */
export interface AddDocumentDeps {
  readonly contexts: ContextStore;
  readonly model: EmbeddingModel;
  readonly prices: PriceBook;
  readonly spend: SpendDeps;
  /** Of any plain value, hex. */
  readonly hash: (value: unknown) => string;
  readonly now: () => number;
}

/** Where and on whose account. */
export interface AddingTo {
  readonly ref: ContextRef;
  /** The project's key, for the document's id. */
  readonly key: string;
  readonly account: Omit<EmbeddingAccount, "runId">;
  /** Takes the place of what has the same title and other words. */
  readonly replace: boolean;
}

/** A document that is there. */
export interface AddedDocument extends ListedDocument {
  /** False: it was there already, as it is. */
  readonly created: boolean;
  /** Documents of the same title that went. */
  readonly replaced: readonly DocumentId[];
  /** Pieces that wait for their vectors. */
  readonly pending: number;
  readonly inputTokens: number;
  /** Null: the model's price is not known. */
  readonly costUsd: number | null;
  readonly claimed?: Taken | undefined;
  readonly durationMs: number;
}

/** Pieces embedded by one call and stored by the next. */
const AT_ONCE = 96;
/** For one embedding call, ms. */
const TIMEOUT_MS = 30_000;
/** The reservation is for the whole document. */
const HOLD_MS = 900_000;

type Stored = Pick<AddedDocument, "pending" | "inputTokens" | "costUsd" | "claimed">;

/** Adds a document, or says why not. */
export const addDocument = async (
  deps: AddDocumentDeps,
  { ref, key, account, replace }: AddingTo,
  document: NewDocument,
): Promise<Result<AddedDocument>> => {
  const { contexts, hash, now } = deps;
  const started = now();
  const id = documentIdOf(ref, key, document, hash);
  const called = await documentsCalled(contexts, ref, document.title, hash);
  if (!called.ok) return called;
  const same = called.value.there.find((one) => one.id === id);
  const others = called.value.there.filter((one) => one.id !== id);
  if (others.length > 0 && !replace)
    return refuse("name_taken", "another document of this title is there; `replace` puts this one in its place", {
      document_id: others[0]?.id ?? "",
    });

  // A piece may have been deleted since: adding the document again brings it back.
  const pieces = same === undefined ? ok(0) : await piecesThere(contexts, ref, id);
  if (!pieces.ok) return pieces;
  const isThere = same?.pieces === pieces.value && same.tags.join("\n") === shownTags(document.tags).join("\n");
  const items = isThere ? [] : itemsOf(document, id, started, hash);
  const stored = await store(deps, ref, { ...account, runId: `work:${id}` }, items);
  if (!stored.ok) {
    if (same === undefined) await contexts.remove(ref, { filter: { document_id: id } });
    return stored;
  }
  // Nobody is still bringing what began so long ago.
  const leftovers = called.value.begun.filter((one) => one.id !== id && one.addedAt < started - HOLD_MS);
  for (const other of [...others, ...leftovers]) {
    const gone = await forgetDocument(contexts, ref, other.id);
    if (!gone.ok) return gone;
  }
  const { mediaType, title } = document;
  const listed: ListedDocument =
    isThere && same !== undefined
      ? same
      : { id, title, mediaType, pieces: items.length, tags: shownTags(document.tags), addedAt: started };
  return ok({
    ...listed,
    created: !isThere,
    replaced: others.map((other) => other.id),
    ...stored.value,
    durationMs: now() - started,
  });
};

const store = async (
  deps: AddDocumentDeps,
  ref: ContextRef,
  account: EmbeddingAccount,
  items: readonly ContextItem[],
): Promise<Result<Stored>> => {
  const usd = worstCaseEmbeddingUsd(deps.prices, deps.model.model, items.map(embeddingText));
  const request = { ...account, usd, holdMs: HOLD_MS };
  const outcome = await withinBudget(deps.spend, request, () => storeAll(deps, ref, items));
  return outcome.ok ? outcome.value : outcome;
};

const storeAll = async (
  { contexts, model, prices }: AddDocumentDeps,
  ref: ContextRef,
  items: readonly ContextItem[],
): Promise<Charged<Result<Stored>>> => {
  let charged = 0;
  let stored: Stored = { pending: 0, inputTokens: 0, costUsd: 0 };
  let isAnswering = true;
  for (let from = 0; from < items.length; from += AT_ONCE) {
    const batch = items.slice(from, from + AT_ONCE);
    const texts = batch.map(embeddingText);
    // A model that failed is not waited for again and again: the space embeds the rest when it can.
    const call: Charged<Result<Embedded, ModelFailure>> | null = isAnswering
      ? await embedCounted({ model, prices }, texts, { timeoutMs: TIMEOUT_MS })
      : null;
    const made: Embedded | null = call?.value.ok ? call.value.value : null;
    isAnswering = made !== null;
    charged += call?.usd ?? 0;
    stored = made === null ? missing(stored, batch.length, call?.usd ?? 0) : plus(stored, made);
    const vectors = made?.vectors ?? [];
    const kept = await contexts.put(
      ref,
      batch.map((item, at) => ({ ...item, vector: vectors[at] ?? null })),
    );
    if (!kept.ok) return { value: kept, usd: charged };
  }
  return { value: ok(stored), usd: charged };
};

/** Vectors that did not come may have been charged all the same. */
const missing = (stored: Stored, items: number, usd: number): Stored => ({
  ...stored,
  pending: stored.pending + items,
  costUsd: stored.costUsd === null ? null : stored.costUsd + usd,
});

const plus = (stored: Stored, more: Embedded): Stored => {
  const sum = added(stored, more);
  if (stored.claimed === undefined && more.claimed === undefined) return { pending: stored.pending, ...sum };
  const claimed = { ...added(stored.claimed ?? stored, more.claimed ?? more), outputTokens: 0 };
  return { pending: stored.pending, ...sum, claimed };
};

type Made = Pick<Taken, "inputTokens" | "costUsd">;
const added = (one: Made, other: Made): Made => ({
  inputTokens: one.inputTokens + other.inputTokens,
  costUsd: one.costUsd === null || other.costUsd === null ? null : one.costUsd + other.costUsd,
});
