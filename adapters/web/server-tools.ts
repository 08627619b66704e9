// The hands of the server's own tools, made from what the installation decided about the outside.
import type { ServerTools } from "#domain/tools/server-tools.ts";
import { globalSend, openEgress } from "../egress.ts";
import { dohResolver } from "./doh.ts";
import { pageFetcher } from "./fetch-page.ts";
import { type SearchSettings, webSearcher } from "./search.ts";

/** What an installation decides about the outside. */
export interface WebSettings {
  /** Exact `host:port` that are its own: they may be private and unencrypted. */
  readonly localHosts: readonly string[];
  /** Where names are looked up before they are asked; null: they are not. */
  readonly resolverUrl: string | null;
  readonly search: SearchSettings | null;
}

const hostAndPort = (text: string): string => {
  const url = new URL(text);
  return `${url.hostname}:${url.port !== "" ? url.port : url.protocol === "https:" ? "443" : "80"}`;
};

/** The tools over the global fetch. */
export const serverTools = ({ localHosts, resolverUrl, search }: WebSettings): ServerTools => {
  const resolve = resolverUrl === null ? null : dohResolver(resolverUrl, globalSend);
  return {
    fetchPage: pageFetcher(openEgress({ localHosts, resolve })),
    // The provider's address is the operator's own word, so it may be in the operator's own network.
    search:
      search === null ? null : webSearcher(openEgress({ localHosts: [hostAndPort(search.url)], resolve }), search),
  };
};
