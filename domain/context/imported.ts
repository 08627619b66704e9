// What another program kept of an agent in a collection of its user's, as items of ours. Such payloads were never agreed upon:
// what is missing is left out, and a point without words is passed over.
import { shownTags } from "./documents.ts";
import type { ContextItem, ContextSource } from "./port.ts";
import { READ_STRANGERS } from "./strange.ts";

/** A point as it was found. */
export interface FoundPoint {
  readonly id: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

type Payload = FoundPoint["payload"];

const textAt = (payload: Payload, ...names: readonly string[]): string | null => {
  for (const name of names) {
    const value = payload[name];
    if (typeof value === "string" && value.trim() !== "") return value;
  }
  return null;
};

const SECONDS_END = 100_000_000_000;

/** Epoch ms of an instant said as text, seconds or milliseconds. */
const instantOf = (payload: Payload): number | null => {
  for (const name of ["at", "timestamp", "created_at", "time"]) {
    const value = payload[name];
    const ms =
      typeof value === "number"
        ? value < SECONDS_END
          ? value * 1000
          : value
        : typeof value === "string"
          ? Date.parse(value)
          : Number.NaN;
    if (Number.isFinite(ms)) return Math.round(ms);
  }
  return null;
};

const sourceOf = (payload: Payload, id: string, text: string, title: string): ContextSource => {
  const work = textAt(payload, "type", "kind") ?? "imported";
  const documentId = textAt(payload, "document_id", "doc_id");
  if (work !== "document" && documentId === null)
    return { kind: "interaction", run_id: textAt(payload, "run_id", "task_id") ?? "", step_id: "", room_id: "", work };
  return {
    kind: "document",
    document_id: documentId ?? id,
    title,
    media_type: "text/plain",
    index: 0,
    pieces: 1,
    from: 0,
    to: text.length,
    headings: [],
    page: null,
  };
};

/** The item of a point, under the id it is to have; null where the point has no words, or more than an item may. */
export const importedItem = (
  { id, payload }: FoundPoint,
  newId: string,
  now: number,
  mostText: number,
): ContextItem | null => {
  const text = textAt(payload, "text", "content", "document", "message");
  if (text === null || text.length > mostText) return null;
  const title = textAt(payload, "title", "type", "kind") ?? "imported";
  const given = Array.isArray(payload.tags) ? payload.tags.filter((tag) => typeof tag === "string") : [];
  // What is ours to say is not said by another program, and what that one let in nobody here knows.
  const tags = [...shownTags(given), READ_STRANGERS];
  return {
    id: newId,
    text,
    title,
    at: instantOf(payload) ?? now,
    success: typeof payload.success === "boolean" ? payload.success : null,
    tags,
    source: sourceOf(payload, id, text, title),
  };
};
