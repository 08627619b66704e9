// An agent's context as the API shows it and as it is asked. Marks of bookkeeping among the tags are not shown.
import { type ListedDocument, shownTags } from "#domain/context/documents.ts";
import type { ContextFilter, ContextHit, ContextItem, ContextStats } from "#domain/context/port.ts";
import type {
  ContextDocument,
  ContextFilterBody,
  ContextHitBody,
  ContextItemBody,
  ContextItemQuery,
  ContextStatsBody,
} from "#schema/api/context.ts";
import type { AgentId } from "#schema/ids.ts";

const instant = (at: number): string => new Date(at).toISOString();

const from = (text: string | undefined): number | undefined => (text === undefined ? undefined : Date.parse(text));

/** One item. */
export const itemBody = ({ id, title, text, at, success, tags, source }: ContextItem): ContextItemBody => ({
  id,
  type: source.kind,
  title,
  text,
  at: instant(at),
  success,
  tags: shownTags(tags),
  source: source.kind === "document" ? { ...source, headings: [...source.headings] } : source,
});

/** One find. */
export const hitBody = ({ item, score, dense, lexical }: ContextHit): ContextHitBody => ({
  ...itemBody(item),
  score,
  similarity: dense?.similarity ?? null,
  dense_rank: dense?.rank ?? null,
  lexical_rank: lexical?.rank ?? null,
});

/** One document. */
export const documentBody = ({ id, title, mediaType, pieces, tags, addedAt }: ListedDocument): ContextDocument => ({
  document_id: id,
  title,
  media_type: mediaType,
  pieces,
  tags: [...tags],
  added_at: instant(addedAt),
});

/** How much there is. */
export const statsBody = (agentId: AgentId, { embedding, ...stats }: ContextStats): ContextStatsBody => ({
  agent_id: agentId,
  ...stats,
  embedding: { ...embedding },
});

/** A filter as a search names it. */
export const filterOf = ({ type, since, until, ...rest }: ContextFilterBody): ContextFilter => ({
  ...rest,
  kind: type,
  since: from(since),
  until: from(until),
});

/** A filter as a list names it. */
export const filterOfQuery = ({
  type,
  success,
  since,
  until,
  tag,
  document_id,
  run_id,
}: ContextItemQuery): ContextFilter =>
  filterOf({ type, success, since, until, document_id, run_id, ...(tag === undefined ? {} : { tags: [tag] }) });
