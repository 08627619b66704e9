// Search providers as far as their public documents describe what we use: the request each wants, refused when it is not
// so, and the answer each gives. All know the same two pages, and one that is no page.
import type { Behaviour } from "./web-site.ts";

const PAGES = [
  {
    title: "Green tea &amp; health",
    url: "https://tea.example.org/green",
    text: "What <strong>green tea</strong> is, and isn&#x27;t.",
  },
  { title: "Brewing", url: "https://tea.example.org/brewing", text: "Eighty degrees." },
  { title: "Trap", url: "javascript:alert(1)", text: "No page." },
];
const plain = (html: string): string =>
  html
    .replaceAll(/<[^>]*>/g, "")
    .replaceAll("&amp;", "&")
    .replaceAll("&#x27;", "'");

const json = (response: Parameters<Behaviour>[0], body: unknown, status = 200): void => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
};

const queryOf = (path: string): URLSearchParams => new URL(path, "http://double").searchParams;

/** Brave: GET with the key in a header; descriptions carry markup. */
export const bravePaths = (key: string): Readonly<Record<string, Behaviour>> => ({
  "/res/v1/web/search": (response, { method, path, headers }) => {
    if (method !== "GET") return json(response, { type: "ErrorResponse" }, 405);
    if (headers["x-subscription-token"] !== key) return json(response, { type: "ErrorResponse" }, 401);
    const count = Number(queryOf(path).get("count"));
    if (!queryOf(path).get("q") || !(count >= 1 && count <= 20)) return json(response, { type: "ErrorResponse" }, 422);
    const results = PAGES.slice(0, count).map(({ title, url, text }) => ({ title, url, description: text }));
    json(response, { type: "search", web: { type: "search", results } });
  },
});

/** Tavily and SearXNG share a path: the first is a POST with a bearer key, the second a GET for JSON. */
export const tavilyPaths = (key: string): Readonly<Record<string, Behaviour>> => ({
  "/search": (response, visit) => {
    if (visit.method === "GET") return searxng(response, visit);
    if (visit.headers.authorization !== `Bearer ${key}`)
      return json(response, { detail: { error: "Unauthorized" } }, 401);
    const { query, max_results } = JSON.parse(visit.body);
    if (typeof query !== "string" || typeof max_results !== "number") return json(response, { detail: "bad" }, 400);
    const results = PAGES.slice(0, max_results).map(({ title, url, text }) => ({
      title: plain(title),
      url,
      content: plain(text),
      score: 0.9,
      raw_content: null,
    }));
    json(response, { query, results, images: [], response_time: 0.1 });
  },
});

const searxng: Behaviour = (response, { path }) => {
  const query = queryOf(path);
  if (query.get("format") !== "json") return void response.writeHead(403).end();
  const q = query.get("q") ?? "";
  if (q.startsWith("nonsense")) return json(response, "what?");
  const results = q.startsWith("nothing")
    ? []
    : PAGES.map(({ title, url, text }) => ({ title: plain(title), url, content: plain(text), engine: "double" }));
  json(response, { query: q, number_of_results: results.length, results });
};

/** SearXNG alone. */
export const searxngPaths = (): Readonly<Record<string, Behaviour>> => ({ "/searx/search": searxng });
