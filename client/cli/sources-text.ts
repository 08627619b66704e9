// What an agent looked up, and what its answer rests on, in a line each.
import { z } from "zod";

/** One thing that was looked up, or cited. */
export const Source = z.object({
  n: z.number(),
  id: z.string().optional(),
  kind: z.enum(["interaction", "document", "memory"]),
  title: z.string(),
  page: z.number().optional(),
  at: z.string(),
});
export type Source = z.infer<typeof Source>;

const day = (at: string): string => at.slice(0, 10);

const counted = (count: number, one: string, more: string): string[] =>
  count === 0 ? [] : [count === 1 ? `1 ${one}` : `${count} ${more}`];

/** What was looked up, all in all; null when that is nothing worth a line. */
export const lookedUpLine = (items: readonly Source[], core: number, locked: number): string | null => {
  const documents = [...new Set(items.filter(({ kind }) => kind === "document").map(({ title }) => title))];
  const parts = [
    ...counted(items.filter(({ kind }) => kind === "interaction").length, "earlier turn", "earlier turns"),
    ...documents,
    ...counted(items.filter(({ kind }) => kind === "memory").length + core, "memory", "memories"),
    ...counted(locked, "locked memory", "locked memories"),
  ];
  return parts.length === 0 ? null : `looked up: ${parts.join(", ")}`;
};

/** Core memories are named by their keys, which the log does not hold: they are asked for. */
export const isCore = ({ kind, title }: Source): boolean => kind === "memory" && title === "core";

/** What one number of an answer stands for; `keys` are those of core memories that are known, by id. */
export const sourceLine = (source: Source, keys: ReadonlyMap<string, string> = new Map()): string => {
  const { n, kind, title, page, at, id } = source;
  const whats = {
    document: () => `${title}${page === undefined ? "" : `, page ${page}`}`,
    memory: () => (isCore(source) ? `your memory: ${keys.get(id ?? "") ?? "core"}` : `memory (${title}), ${day(at)}`),
    interaction: () => `earlier turn (${title}), ${day(at)}`,
  };
  return `  [${n}] ${whats[kind]()}`;
};
