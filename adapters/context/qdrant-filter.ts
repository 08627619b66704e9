// The only place where a filter for Qdrant is made. Each begins with whose points it is about, and the calls take no other
// filters: a request that could reach another's points does not compile.
import type { ContextFilter, ContextRef } from "#domain/context/port.ts";
import { tenantOf } from "./qdrant-names.ts";

/** A condition on one field, on ids, or on a vector being there. */
type Condition =
  | { readonly key: string; readonly match: { readonly value: string | boolean } | { readonly any: string[] } }
  | { readonly key: string; readonly range: { readonly gte?: number; readonly lt?: number } }
  | { readonly has_id: string[] }
  | { readonly has_vector: string };

declare const own: unique symbol;

/** A filter that holds for one owner's points only. */
export interface OwnFilter {
  readonly must: Condition[];
  readonly must_not?: Condition[];
  readonly [own]: true;
}

const ofTenant = (ref: ContextRef): Condition => ({ key: "tenant", match: { value: tenantOf(ref) } });

const made = (must: Condition[], mustNot: Condition[] = []): OwnFilter =>
  (mustNot.length === 0 ? { must } : { must, must_not: mustNot }) as unknown as OwnFilter;

/** Everything the owner has. */
export const allOf = (ref: ContextRef): OwnFilter => made([ofTenant(ref)]);

/** What fits a filter and is nothing of these runs, of the owner's. */
export const fitting = (ref: ContextRef, filter: ContextFilter, seen: readonly string[] = []): OwnFilter => {
  const must = [ofTenant(ref)];
  if (filter.kind !== undefined) must.push({ key: "kind", match: { value: filter.kind } });
  if (filter.success !== undefined) must.push({ key: "success", match: { value: filter.success } });
  if (filter.tags !== undefined) must.push({ key: "tags", match: { any: [...new Set(filter.tags)] } });
  if (filter.document_id !== undefined) must.push({ key: "document_id", match: { value: filter.document_id } });
  if (filter.run_id !== undefined) must.push({ key: "run_id", match: { value: filter.run_id } });
  const { since: gte, until: lt } = filter;
  if (gte !== undefined || lt !== undefined)
    must.push({ key: "at", range: { ...(gte === undefined ? {} : { gte }), ...(lt === undefined ? {} : { lt }) } });
  return made(must, seen.length === 0 ? [] : [{ key: "run_id", match: { any: [...new Set(seen)] } }]);
};

/** These points, as far as they are the owner's. */
export const among = (ref: ContextRef, points: readonly string[]): OwnFilter =>
  made([ofTenant(ref), { has_id: [...new Set(points)] }]);

/** The owner's points that have that vector. */
export const having = (ref: ContextRef, vector: string): OwnFilter => made([ofTenant(ref), { has_vector: vector }]);

/** The owner's points that lack that vector. */
export const lacking = (ref: ContextRef, vector: string): OwnFilter => made([ofTenant(ref)], [{ has_vector: vector }]);

/** What a collection that is the owner's by its name keeps of an agent. Only old collections, which know no tenants, are so read. */
export const keptOf = (names: readonly string[]): OwnFilter =>
  made([{ key: "agent_id", match: { any: [...new Set(names)] } }]);
