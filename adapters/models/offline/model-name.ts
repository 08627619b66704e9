// The names the offline model answers to, here so that nothing has to import its rules to know them.

/** The chat model's id; its price is zero. */
export const OFFLINE_MODEL = "offline";

/** The embedding model's id. */
export const OFFLINE_EMBEDDING_MODEL = "offline-embedding";
