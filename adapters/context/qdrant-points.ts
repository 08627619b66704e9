// An item as a point and back. The payload holds the item whole, and beside it the marks that filters ask for.
import { z } from "zod";
import type { ContextItem, ContextRef, NewContextItem } from "#domain/context/port.ts";
import { sparseOf } from "#domain/context/sparse.ts";
import type { Point } from "./qdrant-calls.ts";
import { denseName, LEX, tenantOf } from "./qdrant-names.ts";

const Source = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("interaction"),
    run_id: z.string(),
    step_id: z.string(),
    room_id: z.string(),
    work: z.string(),
  }),
  z.object({
    kind: z.literal("document"),
    document_id: z.string(),
    title: z.string(),
    media_type: z.string(),
    index: z.number(),
    pieces: z.number(),
    from: z.number(),
    to: z.number(),
    headings: z.array(z.string()),
    page: z.number().nullable(),
  }),
]);

const Payload = z.object({
  item_id: z.string(),
  title: z.string(),
  text: z.string(),
  at: z.number(),
  success: z.boolean().nullable(),
  tags: z.array(z.string()),
  source: Source,
});

/** Enough digits for a float of 32 bits between -1 and 1; the rest would be half of the request. */
const rounded = (value: number): number => Math.round(value * 1e8) / 1e8;

/** A vector as it is sent. */
export const sentVector = (vector: Float32Array): number[] => Array.from(vector, rounded);

/** The point an item becomes. */
export const pointFrom = (ref: ContextRef, point: string, item: NewContextItem): Point => {
  const { id, title, text, at, success, tags, source, vector } = item;
  const lex = sparseOf(`${title}\n${text}`);
  return {
    id: point,
    vector: {
      ...(vector === null ? {} : { [denseName(ref)]: sentVector(vector) }),
      ...(lex === null ? {} : { [LEX]: lex }),
    },
    payload: {
      tenant: tenantOf(ref),
      item_id: id,
      kind: source.kind,
      at,
      success,
      tags,
      ...(source.kind === "document" ? { document_id: source.document_id } : { run_id: source.run_id }),
      title,
      text,
      source,
    },
  };
};

/** The item a point holds; null where it holds none of ours. */
export const itemFrom = (payload: unknown): ContextItem | null => {
  const parsed = Payload.safeParse(payload);
  if (!parsed.success) return null;
  const { item_id: id, ...item } = parsed.data;
  return { id, ...item };
};
