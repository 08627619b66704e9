// Documents in an agent's context. There is no list of them beside the pieces: a document's first piece carries a mark, is
// stored last and goes last, so a document is listed when all of it is there, and as long as any of it is; what holds the pieces
// holds the list. Its id is made of what it is, so that adding it twice adds it once.
import { composeId, type DocumentId, isId } from "#schema/ids.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import { chunk } from "./chunk.ts";
import { type Forgotten, forgetItems, itemsFitting } from "./forget.ts";
import { uuidOf } from "./interaction.ts";
import type { ContextItem, ContextRef, ContextStore } from "./port.ts";

/** A document on its way in, as text. */
export interface NewDocument {
  readonly title: string;
  readonly mediaType: string;
  readonly text: string;
  readonly isMarkdown: boolean;
  /** Where each page begins; null: it has none. */
  readonly pages: readonly number[] | null;
  readonly tags: readonly string[];
}

/** A document as it is listed. */
export interface ListedDocument {
  readonly id: DocumentId;
  readonly title: string;
  readonly mediaType: string;
  readonly pieces: number;
  readonly tags: readonly string[];
  /** Epoch ms. */
  readonly addedAt: number;
}

type Hash = (value: unknown) => string;

/** Tags that begin so are ours: nobody else can give them, and nobody is shown them. */
const OURS = "~";
const FIRST_PIECE = `${OURS}document`;
const LONGEST_TITLE = 300;
const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

const titleTag = (title: string, hash: Hash): string => `${OURS}title:${hash({ title }).slice(0, 32)}`;
/** The piece that is stored first says of which title something began to come: of what is never listed, it is the only trace. */
const begunTag = (title: string, hash: Hash): string => `${OURS}begun:${hash({ title }).slice(0, 32)}`;

/** The tags a person gave, or may see: those of bookkeeping are left out. */
export const shownTags = (tags: readonly string[]): string[] =>
  tags.filter((tag) => !tag.startsWith(OURS) && !tag.startsWith("rests-on:"));

/** The id a document has in an agent's context: the same for the same title and words. */
export const documentIdOf = (ref: ContextRef, key: string, document: NewDocument, hash: Hash): DocumentId => {
  const { title, mediaType, text } = document;
  const hex = hash({ agent: ref.agentId, title, mediaType, text });
  const letter = (at: number): string => CROCKFORD[Number.parseInt(hex.slice(at * 2, at * 2 + 2), 16) & 31] ?? "0";
  const letters = Array.from({ length: 18 }, (_, at) => letter(at)).join("");
  return composeId("document", `0${letters.slice(0, 9)}`, key, letters.slice(9, 17));
};

const pageAt = (pages: readonly number[], at: number): number => {
  const next = pages.findIndex((begins) => begins > at);
  return next === -1 ? pages.length : Math.max(1, next);
};

/** A document's pieces as items, the first of them last. */
export const itemsOf = (document: NewDocument, id: DocumentId, at: number, hash: Hash): readonly ContextItem[] => {
  const pieces = chunk(document.text, document.isMarkdown);
  const items = pieces.map(({ text, from, to, headings }, index): ContextItem => {
    const marks = [[FIRST_PIECE, titleTag(document.title, hash)], [begunTag(document.title, hash)]][index] ?? [];
    return {
      id: uuidOf(hash({ document: id, index })),
      text,
      title: [document.title, ...headings].join(" › ").slice(0, LONGEST_TITLE).toWellFormed(),
      at,
      success: null,
      tags: [...document.tags, ...marks],
      source: {
        kind: "document",
        document_id: id,
        title: document.title,
        media_type: document.mediaType,
        index,
        pieces: pieces.length,
        from,
        to,
        headings,
        page: document.pages === null ? null : pageAt(document.pages, from),
      },
    };
  });
  return [...items.slice(1), ...items.slice(0, 1)];
};

const listed = ({ source, tags, at }: ContextItem): ListedDocument[] => {
  if (source.kind !== "document" || !isId("document", source.document_id)) return [];
  const { document_id: id, title, media_type: mediaType, pieces } = source;
  return [{ id, title, mediaType, pieces, tags: shownTags(tags), addedAt: at }];
};

/** A page of the documents that are there. */
export const listDocuments = async (
  store: ContextStore,
  ref: ContextRef,
  after: string | null,
  limit: number,
): Promise<Result<{ readonly documents: readonly ListedDocument[]; readonly next: string | null }>> => {
  const page = await store.list(ref, { kind: "document", tags: [FIRST_PIECE] }, after, limit);
  return page.ok ? ok({ documents: page.value.items.flatMap(listed), next: page.value.next }) : page;
};

/** What has a title: the documents that are there, and those that began to come, and may never have. */
export interface Called {
  readonly there: readonly ListedDocument[];
  readonly begun: readonly ListedDocument[];
}

/** The documents that have this title. */
export const documentsCalled = async (
  store: ContextStore,
  ref: ContextRef,
  title: string,
  hash: Hash,
): Promise<Result<Called>> => {
  const tags = [titleTag(title, hash), begunTag(title, hash)];
  const page = await store.list(ref, { kind: "document", tags }, null, 100);
  if (!page.ok) return page;
  const [firsts, others] = [true, false].map((isFirst) =>
    page.value.items.filter((item) => item.tags.includes(FIRST_PIECE) === isFirst).flatMap(listed),
  );
  const there = firsts ?? [];
  return ok({ there, begun: (others ?? []).filter(({ id }) => !there.some((one) => one.id === id)) });
};

/** How many of a document's pieces are there. */
export const piecesThere = async (store: ContextStore, ref: ContextRef, id: DocumentId): Promise<Result<number>> => {
  let count = 0;
  const listed = await itemsFitting(store, ref, { document_id: id }, () => {
    count += 1;
  });
  return listed.ok ? ok(count) : listed;
};

/** Forgets a document, and what rests on it. What it is known by goes last: when this breaks off, it can be named again. */
export const forgetDocument = async (
  store: ContextStore,
  ref: ContextRef,
  id: DocumentId,
): Promise<Result<Forgotten>> => {
  const [pieces, marked]: [string[], string[]] = [[], []];
  const shown = await itemsFitting(store, ref, { document_id: id }, (item) => {
    (item.tags.some((tag) => tag.startsWith(OURS)) ? marked : pieces).push(item.id);
  });
  if (!shown.ok) return shown;
  const gone = await forgetItems(store, ref, pieces);
  if (!gone.ok) return gone;
  const last = await forgetItems(store, ref, marked);
  return last.ok
    ? ok({ removed: gone.value.removed + last.value.removed, also: gone.value.also + last.value.also })
    : last;
};

/** The same for one that is there; any other is refused. */
export const removeDocument = async (
  store: ContextStore,
  ref: ContextRef,
  id: DocumentId,
): Promise<Result<Forgotten>> => {
  const gone = await forgetDocument(store, ref, id);
  if (!gone.ok) return gone;
  return gone.value.removed === 0 ? refuse("not_found") : gone;
};

/** The first piece that is left when this one goes, marked as the first: the document stays listed without it. */
export const heirOf = async (
  store: ContextStore,
  ref: ContextRef,
  item: ContextItem,
): Promise<Result<ContextItem | null>> => {
  if (item.source.kind !== "document" || !item.tags.includes(FIRST_PIECE)) return ok(null);
  let heir: ContextItem | null = null;
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<ContextStore["list"]>> = await store.list(
      ref,
      { document_id: item.source.document_id },
      after,
      100,
    );
    if (!page.ok) return page;
    for (const one of page.value.items) if (one.id !== item.id && placeOf(one) < placeOf(heir)) heir = one;
    after = page.value.next;
  } while (after !== null);
  const marks = item.tags.filter((tag) => tag.startsWith(OURS));
  return ok(heir === null ? null : { ...heir, tags: [...new Set([...heir.tags, ...marks])] });
};

const placeOf = (item: ContextItem | null): number =>
  item?.source.kind === "document" ? item.source.index : Number.POSITIVE_INFINITY;
