// Web addresses in a request, and the text of a fetched page.
import { normalUrl } from "#domain/egress/address.ts";

const ADDRESS = /https?:\/\/(?:[\w:@.-]*\[[\w:.%]+\])?[^\s<>"'`«»“”()[\]]*/gi;

/** The addresses a request names, in order, each once, as they would be asked for. */
export const urlsIn = (text: string): string[] => [
  ...new Set((text.match(ADDRESS) ?? []).map((found) => normalUrl(found.replace(/[.,;:!?]+$/, "")))),
];

/** The request without its addresses: what is asked about them. */
export const withoutUrls = (text: string): string => text.replaceAll(ADDRESS, " ");

/** A fetched page without what is said about it. */
export const pageText = (result: string): string => {
  const end = result.indexOf("\n\n");
  return !result.startsWith("URL: ") || end < 0 ? result : result.slice(end + 2);
};
