// What every resource's contract shares: problem documents, lists, times.
import { z } from "zod";

/** An instant, RFC 3339 in UTC. */
export const Instant = z
  .string()
  .meta({ description: "RFC 3339 instant, UTC", format: "date-time", example: "2026-11-21T08:00:00.000Z" });

/** RFC 9457 problem document, the body of every error. */
export const Problem = z
  .object({
    type: z.string().meta({ description: "URI reference of the kind of problem", example: "/problems/not_found" }),
    title: z.string().meta({ example: "There is no such thing here" }),
    status: z.int().meta({ example: 404 }),
    code: z.string().meta({ description: "Stable machine-readable code", example: "not_found" }),
    detail: z.string().optional(),
    request_id: z.string().meta({ example: "01K9Z8Q3T5E6R7Y8V9W0X1Z2A3" }),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .meta({ description: "What did not fit, field by field" }),
  })
  .catchall(z.unknown())
  .meta({ id: "Problem", description: "RFC 9457 problem details" });
export type Problem = z.infer<typeof Problem>;

/** How something was looked for. */
export const SearchMode = z
  .enum(["hybrid", "words"])
  .meta({ description: "hybrid: by words and by meaning; words: there was no vector of the question" });

/** Paging of every list. */
/** Where a list goes on. Each begins with `c1:` in base64url, so that what is no cursor is refused, not taken for a beginning. */
export const Cursor = z
  .string()
  .max(200)
  .regex(/^(?:YzE6[\w-]*)?$/, "not a `next_cursor` of this API")
  .meta({ description: "Opaque; `next_cursor` of the page before", example: "YzE6cnVuXzAxSzla" });

export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20).meta({ description: "Items per page", example: 20 }),
  cursor: Cursor.optional(),
});
export type PageQuery = z.infer<typeof PageQuery>;

/** A page of `item`. `next_cursor` is null on the last page. */
export const pageOf = <T extends z.ZodType>(item: T, id: string) =>
  z.object({ items: z.array(item), next_cursor: z.string().nullable() }).meta({ id, description: "A page of results" });

/** A page as plain data. */
export interface Page<T> {
  readonly items: T[];
  readonly next_cursor: string | null;
}

/** A bare acknowledgement. */
export const Ok = z.object({ ok: z.literal(true) }).meta({ id: "Ok", description: "Done", example: { ok: true } });
