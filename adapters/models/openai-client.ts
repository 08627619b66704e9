// The `openai` SDK as we use it: its own retries, logging and lookups in the environment off, redirects not followed.
import OpenAI from "openai";

/** Where a client goes and how. */
export interface ServerOptions {
  readonly baseUrl: string;
  /** Null for servers that want none, such as a local one. */
  readonly apiKey: string | null;
  readonly fetch: typeof fetch;
}

/** A client of one server. What is not given here, the SDK would read from the environment: everything is given. */
export const openAiClient = ({ baseUrl, apiKey, fetch }: ServerOptions): OpenAI =>
  new OpenAI({
    apiKey: apiKey ?? "none",
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    baseURL: baseUrl,
    fetch,
    // A redirect would carry the conversation to a host nobody configured.
    fetchOptions: { redirect: "manual" },
    maxRetries: 0,
    logLevel: "off",
    ...(apiKey === null ? { defaultHeaders: { Authorization: null } } : {}),
  });

/** Whether an address is OpenAI's own. */
export const isOpenAiHost = (baseUrl: string): boolean => {
  const host = URL.parse(baseUrl)?.hostname ?? "";
  return host === "api.openai.com" || host.endsWith(".api.openai.com");
};
