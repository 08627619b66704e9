// What an installation says about the outside, as a space reads it; what does not fit is refused by its name alone.
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { readSpaceSettings } from "#durable-objects/worker-space/settings.ts";
import { must } from "#tests/support/workerd/spaces.ts";

const read = (changes: Partial<Cloudflare.Env>) => readSpaceSettings({ ...env, ...changes });
const web = (changes: Partial<Cloudflare.Env>) => must(read(changes)).web;

it("allows no local host, looks names up and searches nowhere unless told", () => {
  expect(web({})).toEqual({
    localHosts: [],
    resolverUrl: "https://cloudflare-dns.com/dns-query",
    search: null,
  });
  expect(web({ EGRESS_LOCAL_HOSTS: "", EGRESS_RESOLVER: "", WEB_SEARCH_PROVIDER: "" })).toEqual(web({}));
});

it("takes exact hosts, another resolver or none, and a provider with what it needs", () => {
  expect(web({ EGRESS_LOCAL_HOSTS: " 127.0.0.1:8080, Wiki.lan:443 ,[::1]:3000" }).localHosts).toEqual([
    "127.0.0.1:8080",
    "wiki.lan:443",
    "[::1]:3000",
  ]);
  expect(web({ EGRESS_RESOLVER: "off" }).resolverUrl).toBeNull();
  expect(web({ EGRESS_RESOLVER: "https://dns.example.org/q" }).resolverUrl).toBe("https://dns.example.org/q");
  expect(web({ WEB_SEARCH_PROVIDER: "brave", WEB_SEARCH_API_KEY: "k" }).search).toEqual({
    provider: "brave",
    url: "https://api.search.brave.com",
    apiKey: "k",
  });
  expect(web({ WEB_SEARCH_PROVIDER: "searxng", WEB_SEARCH_URL: "http://127.0.0.1:8888" }).search).toMatchObject({
    url: "http://127.0.0.1:8888",
    apiKey: null,
  });
});

it.each([
  [{ EGRESS_LOCAL_HOSTS: "hunter2" }, "EGRESS_LOCAL_HOSTS"],
  [{ EGRESS_LOCAL_HOSTS: "http://hunter2:80" }, "EGRESS_LOCAL_HOSTS"],
  [{ EGRESS_RESOLVER: "hunter2" }, "EGRESS_RESOLVER"],
  [{ WEB_SEARCH_PROVIDER: "hunter2" }, "WEB_SEARCH_PROVIDER"],
  [{ WEB_SEARCH_PROVIDER: "tavily" }, "WEB_SEARCH_API_KEY"],
  [{ WEB_SEARCH_PROVIDER: "searxng", WEB_SEARCH_API_KEY: "hunter2" }, "WEB_SEARCH_URL"],
  [
    { WEB_SEARCH_PROVIDER: "brave", WEB_SEARCH_API_KEY: "hunter2", WEB_SEARCH_URL: "file:///hunter2" },
    "WEB_SEARCH_URL",
  ],
])("refuses %o by its name", (changes, name) => {
  const refused = read(changes);
  expect(refused).toMatchObject({ ok: false, refusal: { code: "not_configured" } });
  expect(JSON.stringify(refused)).toContain(name);
  expect(JSON.stringify(refused)).not.toContain("hunter2");
});
