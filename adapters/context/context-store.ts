// Which hand keeps contexts: Qdrant where it is configured, else our own objects.
import type { ContextStore } from "#domain/context/port.ts";
import { qdrantContexts } from "./qdrant.ts";
import type { QdrantSettings } from "./settings.ts";

/** The installation's store of contexts. */
export const contextStoreFrom = (settings: QdrantSettings | null, embedded: ContextStore): ContextStore =>
  settings === null ? embedded : qdrantContexts(settings);
