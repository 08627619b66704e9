// What a tool call would reach outside, and whether the project may: asked when a model wants the call, when a person answers
// about it, and when it is made.
import { ok, type Result } from "#schema/result.ts";
import { type AddressRefusal, judgeUrl } from "./address.ts";

/** What the installation and the project allow. */
export interface Reach {
  /** Exact `host:port` the installation declared as its own. */
  readonly localHosts: readonly string[];
  /** Whether a person allowed this exact host before. */
  readonly isAllowed: (host: string) => boolean;
  /** A search provider is configured. */
  readonly search: boolean;
}

/** Where a call goes. */
export interface Target {
  /** The exact host it asks first; null when it reaches none of its own choice. */
  readonly host: string | null;
  readonly hostAllowed: boolean;
}

const NOWHERE: Target = { host: null, hostAllowed: true };

/** Why a call cannot be made here at all, whatever a person says. */
export type ReachRefusal = AddressRefusal | { readonly code: "not_configured"; readonly message: string };

/** Where a call of this tool with these arguments goes, or why it goes nowhere. */
export const targetOf = (
  tool: string,
  args: Readonly<Record<string, unknown>>,
  reach: Reach,
): Result<Target, ReachRefusal> => {
  if (tool === "web_search" && !reach.search)
    return {
      ok: false,
      refusal: {
        code: "not_configured",
        message: "No web search is set up on this server. Its operator sets one up with WEB_SEARCH_PROVIDER.",
      },
    };
  if (tool !== "web_fetch" || typeof args.url !== "string") return ok(NOWHERE);
  const judged = judgeUrl(args.url, reach.localHosts);
  if (!judged.ok) return judged;
  const { host } = judged.value;
  return ok({ host, hostAllowed: reach.isAllowed(host) });
};
