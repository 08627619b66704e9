// web_search: what the configured provider finds, as title, address and snippet. Each provider is a request and a reading of
// its answer; the provider's own host is the only one spoken to, and its key goes nowhere else.
import { z } from "zod";
import type { ServerOutcome, ServerTools } from "#domain/tools/server-tools.ts";
import type { Egress, Outgoing } from "../egress.ts";
import { decodeText } from "./decode-text.ts";
import { readable } from "./readable.ts";

/** The provider an installation chose. */
export interface SearchSettings {
  readonly provider: "brave" | "tavily" | "searxng";
  /** Its address, up to the path of the request. */
  readonly url: string;
  readonly apiKey: string | null;
}

interface Found {
  readonly title: string;
  readonly url: string;
  readonly snippet: string;
}

interface Provider {
  readonly ask: (
    settings: SearchSettings,
    query: string,
    count: number,
  ) => Pick<Outgoing, "url" | "json" | "credential">;
  readonly read: (answer: unknown) => readonly Found[];
}

const MAX_BYTES = 1_000_000;
const TIMEOUT_MS = 15_000;

/** Where each provider is, unless the installation says otherwise; SearXNG is always one's own. */
export const PROVIDER_URLS = { brave: "https://api.search.brave.com", tavily: "https://api.tavily.com" } as const;

const under = (base: string, path: string, query: Readonly<Record<string, string>> = {}): string => {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/$/, "")}${path}`;
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
};

const BraveAnswer = z.object({
  web: z
    .object({ results: z.array(z.object({ title: z.string(), url: z.string(), description: z.string().optional() })) })
    .optional(),
});
const PlainAnswer = z.object({
  results: z.array(z.object({ title: z.string().nullish(), url: z.string(), content: z.string().nullish() })),
});

const readPlain = (answer: unknown): Found[] =>
  PlainAnswer.parse(answer).results.map(({ title, url, content }) => ({
    title: title ?? url,
    url,
    snippet: content ?? "",
  }));

const PROVIDERS: Readonly<Record<SearchSettings["provider"], Provider>> = {
  brave: {
    ask: ({ url, apiKey }, q, count) => ({
      url: under(url, "/res/v1/web/search", { q, count: String(count), text_decorations: "false" }),
      credential: { header: "x-subscription-token", value: apiKey ?? "" },
    }),
    // Its descriptions are HTML: entities at least.
    read: (answer) =>
      (BraveAnswer.parse(answer).web?.results ?? []).map(({ title, url, description = "" }) => ({
        title: readable(title, url).text,
        url,
        snippet: readable(description, url).text,
      })),
  },
  tavily: {
    ask: ({ url, apiKey }, query, count) => ({
      url: under(url, "/search"),
      json: { query, max_results: count, search_depth: "basic" },
      credential: { header: "authorization", value: `Bearer ${apiKey ?? ""}` },
    }),
    read: readPlain,
  },
  searxng: {
    ask: ({ url, apiKey }, q) => ({
      url: under(url, "/search", { q, format: "json" }),
      ...(apiKey === null ? {} : { credential: { header: "authorization", value: `Bearer ${apiKey}` } }),
    }),
    read: readPlain,
  },
};

/** The hand of web_search over this way out. */
export const webSearcher =
  (egress: Egress, settings: SearchSettings): NonNullable<ServerTools["search"]> =>
  async (query, count, signal) => {
    const provider = PROVIDERS[settings.provider];
    const { host } = new URL(settings.url);
    const came = await egress({
      ...provider.ask(settings, query, count),
      mayReach: (asked) => asked === host,
      takes: (type) => type === "application/json",
      accept: "application/json",
      maxBytes: MAX_BYTES,
      timeoutMs: TIMEOUT_MS,
      signal,
    });
    if (!came.ok) return failed(came.refusal.code, `The search was not made: ${came.refusal.message}.`);
    const { bytes, charset, cut } = came.value;
    try {
      const found = provider.read(JSON.parse(decodeText(bytes, charset, cut)));
      const content = listed(query, found.filter(isPage).slice(0, count));
      return { status: "succeeded", content, bytes: bytes.byteLength, truncated: false };
    } catch {
      return failed("bad_answer", "The search provider's answer could not be understood.");
    }
  };

const failed = (code: string, message: string): ServerOutcome => ({ status: "failed", code, message });

const isPage = ({ url }: Found): boolean => /^https?:\/\//i.test(url) && url.length <= 4_096;

const line = (text: string, longest: number): string =>
  text.replaceAll(/\s+/g, " ").trim().slice(0, longest).toWellFormed();

const listed = (query: string, found: readonly Found[]): string =>
  found.length === 0
    ? `Nothing was found for: ${query}`
    : `Found for: ${query}\n\n${found
        .map(
          ({ title, url, snippet }, at) =>
            `${at + 1}. ${line(title, 200)}\n   ${line(url, 4_096)}\n   ${line(snippet, 500)}`,
        )
        .join("\n")}`;
