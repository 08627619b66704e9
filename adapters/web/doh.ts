// Looks names up over HTTPS (the JSON form of RFC 8484 that public resolvers speak), because the platform gives no other way.
// Both families are asked: a name must not pass for what only one of its addresses is.
import { z } from "zod";
import type { Resolve, Send } from "../egress.ts";

/** Where names are looked up unless the installation says otherwise. */
export const PUBLIC_RESOLVER = "https://cloudflare-dns.com/dns-query";

/** Record types: an IPv4 address, an IPv6 address. */
const FAMILIES = [
  { ask: "A", type: 1 },
  { ask: "AAAA", type: 28 },
] as const;
const NOERROR = 0;
const NXDOMAIN = 3;

const Answer = z.object({
  Status: z.int(),
  TC: z.boolean().optional(),
  Answer: z.array(z.object({ type: z.int(), data: z.string() })).optional(),
});

/** A resolver at this address, reached by `send`. Throws when it gives no clear answer. */
export const dohResolver =
  (url: string, send: Send): Resolve =>
  async (name, signal) => {
    const answers = await Promise.all(
      FAMILIES.map(async ({ ask, type }) => {
        const query = new URL(url);
        query.searchParams.set("name", name);
        query.searchParams.set("type", ask);
        const response = await send(query.href, {
          headers: { accept: "application/dns-json" },
          redirect: "manual",
          signal,
        });
        if (response.status !== 200) throw new Error(`the resolver answered ${response.status}`);
        const { Status, TC, Answer: records = [] } = Answer.parse(await response.json());
        if ((Status !== NOERROR && Status !== NXDOMAIN) || TC === true) throw new Error("the resolver gave no answer");
        // Aliases on the way are in the answer too; only where they end counts.
        return records.filter((record) => record.type === type).map(({ data }) => data);
      }),
    );
    return answers.flat();
  };
