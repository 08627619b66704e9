// Which hand keeps contexts: Qdrant where it is configured, else our own objects. The others can still be reached, for what is to
// be moved to them or from them.
import type { ContextStore } from "#domain/context/port.ts";
import { type QdrantContexts, qdrantContexts } from "./qdrant.ts";
import type { QdrantSettings } from "./settings.ts";

/** Where a context may be. */
export type ContextPlace = "embedded" | "dedicated" | "shared";

/** The installation's store of contexts. */
export const contextStoreFrom = (settings: QdrantSettings | null, embedded: ContextStore): ContextStore =>
  settings?.active === true ? qdrantContexts(settings) : embedded;

/** One place, as what moves needs it. */
export interface ReachedPlace {
  readonly store: ContextStore;
  /** How its vectors are read; null where it gives none back. */
  readonly vectorsOf: QdrantContexts["vectorsOf"] | null;
  /** Agents write to it now. */
  readonly active: boolean;
}

/** A place by its name; null where nothing is configured there. */
export const contextPlace = (
  settings: QdrantSettings | null,
  embedded: ContextStore,
  place: ContextPlace,
): ReachedPlace | null => {
  if (place === "embedded") return { store: embedded, vectorsOf: null, active: settings?.active !== true };
  if (settings === null) return null;
  const store = qdrantContexts({ ...settings, placement: place });
  return { store, vectorsOf: store.vectorsOf, active: settings.active && settings.placement === place };
};
