// Whether an item fits a filter: the one meaning of a filter, for what is decided in memory.
import type { ContextFilter, ContextItem } from "./port.ts";

/** True when an item fits every part of the filter that is given. */
export const fits = (item: Pick<ContextItem, "at" | "success" | "tags" | "source">, filter: ContextFilter): boolean =>
  (filter.kind === undefined || item.source.kind === filter.kind) &&
  (filter.success === undefined || item.success === filter.success) &&
  (filter.since === undefined || item.at >= filter.since) &&
  (filter.until === undefined || item.at < filter.until) &&
  (filter.tags === undefined || filter.tags.some((tag) => item.tags.includes(tag))) &&
  (filter.document_id === undefined ||
    (item.source.kind === "document" && item.source.document_id === filter.document_id)) &&
  (filter.run_id === undefined || (item.source.kind === "interaction" && item.source.run_id === filter.run_id));
