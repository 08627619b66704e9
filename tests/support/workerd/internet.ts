// The outside as the spaces of a test meet it: sites by their exact host, names by their addresses, and a ledger of every
// request that left. Stands in place of the runtime's fetch, so whatever leaves by any way is seen.
import { vi } from "vitest";

/** One request that left. */
export interface Departure {
  readonly url: string;
  readonly headers: Headers;
}

/** Answers one request; `signal` is aborted when the asker gives up. */
export type Site = (url: URL, signal: AbortSignal | null) => Response | Promise<Response>;

/** The internet of one test. */
export interface Internet {
  /** Requests to sites; the resolver's aside. */
  readonly departures: readonly Departure[];
  /** Names that were looked up. */
  readonly lookups: readonly string[];
  open(host: string, site: Site, addresses?: readonly string[]): void;
}

/** A page of a site. */
export const html = (body: string): Response =>
  new Response(body, { headers: { "content-type": "text/html; charset=utf-8" } });

/** Puts an internet in place of the runtime's; `vi.restoreAllMocks()` takes it away. */
export const fakeInternet = (): Internet => {
  const sites = new Map<string, { readonly site: Site; readonly addresses: readonly string[] }>();
  const departures: Departure[] = [];
  const lookups: string[] = [];

  const resolved = ({ searchParams }: URL): Response => {
    const name = searchParams.get("name") ?? "";
    if (!lookups.includes(name)) lookups.push(name);
    const six = searchParams.get("type") === "AAAA";
    const addresses = (sites.get(name)?.addresses ?? []).filter((address) => address.includes(":") === six);
    const Answer = addresses.map((data) => ({ name, type: six ? 28 : 1, TTL: 60, data }));
    return Response.json({ Status: sites.has(name) ? 0 : 3, TC: false, Answer });
  };

  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input.toString());
    if (url.host === "cloudflare-dns.com") return resolved(url);
    departures.push({ url: url.href, headers: new Headers(init?.headers) });
    const found = sites.get(url.host);
    if (found === undefined) throw new Error(`nothing stands at ${url.host}`);
    return await found.site(url, init?.signal ?? null);
  });

  return {
    departures,
    lookups,
    open: (host, site, addresses = ["93.184.215.14"]) => void sites.set(host, { site, addresses }),
  };
};
