// web_fetch and web_search as an agent meets them: what comes back for each kind of page and provider, and what is said when
// nothing does.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEgress } from "#adapters/egress.ts";
import { pageFetcher } from "#adapters/web/fetch-page.ts";
import { type SearchSettings, webSearcher } from "#adapters/web/search.ts";
import { bravePaths, searxngPaths, tavilyPaths } from "#tests/doubles/search-providers.ts";
import { bomb, openWebSite, page, sentOn, type WebSite } from "#tests/doubles/web-site.ts";

const TEA = "<title>Tea</title><h1>Tea</h1><p>Hot. <a href=/more>More</a></p><script>no()</script>";

let site: WebSite;
beforeAll(async () => {
  site = await openWebSite({
    "/page": page(TEA),
    "/moved": sentOn("/page", 301),
    "/away": sentOn("https://elsewhere.example.com/path"),
    "/inward": sentOn("http://169.254.169.254/latest"),
    "/data": page('{"a":[1,2]}', "application/json"),
    "/feed": page("<rss><item/></rss>", "application/rss+xml"),
    "/text": page("<b>not markup</b>\r\nline", "text/plain; charset=utf-8"),
    "/old": page(Uint8Array.from([0xef, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2]), 'text/plain; charset="windows-1251"'),
    "/empty": page("<nav></nav>"),
    "/bomb": bomb(50),
    "/film": page("....", "video/mp4"),
    ...bravePaths("brave-key"),
    ...tavilyPaths("tvly-key"),
    ...searxngPaths(),
  });
});
afterAll(() => site.close());

const { signal } = new AbortController();
const egress = () => openEgress({ localHosts: [site.host], resolve: null });
const fetched = (path: string) => pageFetcher(egress())(`${site.origin}${path}`, (host) => host === site.host, signal);

describe("a page", () => {
  it("in HTML is given as text, with its title and where it came from in the end", async () => {
    expect(await fetched("/moved")).toEqual({
      status: "succeeded",
      content: `URL: ${site.origin}/page\nTitle: Tea\nType: text/html\n\n# Tea\n\nHot. [More](${site.origin}/more)`,
      bytes: TEA.length,
      truncated: false,
    });
  });

  it.each([
    ["/data", "application/json", '{"a":[1,2]}'],
    ["/feed", "application/rss+xml", "<rss><item/></rss>"],
    ["/text", "text/plain", "<b>not markup</b>\nline"],
    ["/old", "text/plain", "привет"],
    ["/empty", "text/html", "(no text)"],
  ])("that is no HTML, or has no words, is given as it is: %s", async (path, type, content) => {
    expect(await fetched(path)).toMatchObject({ content: `URL: ${site.origin}${path}\nType: ${type}\n\n${content}` });
  });

  it("that is too large is given as far as it was read, and says so", async () => {
    const got = await fetched("/bomb");
    expect(got).toMatchObject({ status: "succeeded", truncated: true, bytes: 2_000_000 });
    expect(got.status === "succeeded" && got.content).toContain("\nCut: only its first 2000000 bytes were read\n");
  });

  it.each([
    ["/film", "unsupported_type", "video/mp4"],
    ["/nothing", "http_status", "404"],
    [
      "/away",
      "host_not_allowed",
      "https://elsewhere.example.com/path, and the host elsewhere.example.com is not allowed",
    ],
    ["/inward", "not_https", "only https is spoken"],
  ])("that cannot be given is a failure with its reason: %s", async (path, code, words) => {
    expect(await fetched(path)).toEqual({ status: "failed", code, message: expect.stringContaining(words) });
  });
});

describe("a search", () => {
  const search = (settings: Partial<SearchSettings>, query = "green tea", count = 2) =>
    webSearcher(egress(), { provider: "searxng", url: site.origin, apiKey: null, ...settings })(query, count, signal);
  const expected = [
    "Found for: green tea",
    "",
    "1. Green tea & health",
    "   https://tea.example.org/green",
    "   What green tea is, and isn't.",
    "2. Brewing",
    "   https://tea.example.org/brewing",
    "   Eighty degrees.",
  ].join("\n");

  it.each([
    ["brave", "brave-key"],
    ["tavily", "tvly-key"],
    ["searxng", null],
  ] as const)("is made in %s's own way and answered in one way", async (provider, apiKey) => {
    expect(await search({ provider, apiKey })).toMatchObject({ status: "succeeded", content: expected });
  });

  it("sends a provider's key to the provider, and follows it nowhere", async () => {
    const moved = await openWebSite({ "/search": sentOn(`${site.origin}/search?q=stolen`) });
    const before = site.visits.length;
    const away = openEgress({ localHosts: [site.host, moved.host], resolve: null });
    const got = await webSearcher(away, { provider: "tavily", url: moved.origin, apiKey: "tvly-key" })("x", 1, signal);
    expect(got).toMatchObject({ status: "failed", code: "too_many_redirects" });
    expect(site.visits).toHaveLength(before);
    await moved.close();
  });

  it("that fails says why, without the key", async () => {
    const wrong = await search({ provider: "brave", apiKey: "wrong-key" });
    expect(wrong).toEqual({
      status: "failed",
      code: "http_status",
      message: "The search was not made: it answered 401.",
    });
    expect(await search({ url: `${site.origin}/no-json` })).toMatchObject({ status: "failed", code: "http_status" });
    expect(await search({}, "nonsense please")).toMatchObject({ status: "failed", code: "bad_answer" });
    expect(await search({}, "nothing please")).toMatchObject({ content: "Nothing was found for: nothing please" });
  });
});
