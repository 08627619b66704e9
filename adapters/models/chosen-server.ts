// Which server the environment chooses, decided in one place: what answers and what the greeting names cannot differ.

const OPENAI_BASE_URL = "https://api.openai.com/v1";

/** `MODELS` where nothing is said. */
export const DEFAULT_MODELS = "fast=gpt-4o-mini,smart=gpt-4o";

/** The base URL to ask: the configured one, OpenAI's own for a key alone, null for the offline model. */
export const chosenServer = (baseUrl: string | null, apiKey: string | null): string | null =>
  baseUrl ?? (apiKey === null ? null : OPENAI_BASE_URL);
