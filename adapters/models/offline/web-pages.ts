// Web addresses in a request, and what a fetched page says: its head tells where it came from, the rest is its text.
import { normalUrl } from "#domain/egress/address.ts";

const ADDRESS = /https?:\/\/(?:[\w:@.-]*\[[\w:.%]+\])?[^\s<>"'`«»“”()[\]]*/gi;

/** The addresses a request names, in order, each once, as they would be asked for. */
export const urlsIn = (text: string): string[] => [
  ...new Set((text.match(ADDRESS) ?? []).map((found) => normalUrl(found.replace(/[.,;:!?]+$/, "")))),
];

/** The request without its addresses: what is asked about them. */
export const withoutUrls = (text: string): string => text.replaceAll(ADDRESS, " ");

/** A fetched page apart from what is said about it. */
export const pageIn = (result: string): { readonly title: string | null; readonly text: string } => {
  const end = result.indexOf("\n\n");
  if (!result.startsWith("URL: ") || end < 0) return { title: null, text: result };
  const title = /^Title: (.+)$/m.exec(result.slice(0, end))?.[1] ?? null;
  return { title, text: result.slice(end + 2) };
};
