// What of an item its vector is made of. Whoever embeds, now or later, must embed the same.
import type { ContextItem } from "./port.ts";

/** A piece of a document is also about its title and the headings above it; an interaction says what it is about itself. */
export const embeddingText = ({ source, text }: Pick<ContextItem, "source" | "text">): string =>
  source.kind === "document" ? [source.title, ...source.headings, text].join("\n") : text;
