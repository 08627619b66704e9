// What a model call counts for: what its server says it took, but never more than was agreed before it. A limit would mean
// nothing if whoever is asked could pass it by a number in an answer; so what was said beyond stands beside, and is not paid.
import type { IncidentReport } from "../incidents/incidents.ts";
import type { ModelFailure, Taken } from "./port.ts";

/** The worst case a call was reserved with. */
export interface Agreed {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** 0: it costs nothing, or nobody knows its price; then nothing was reserved. */
  readonly usd: number;
}

/** The estimate of a text's tokens is right for prose; dense text takes up to twice as many. A worst case must hold for both. */
const DENSE = 2;

/** How many tokens a text of so many, as estimated, may be at most. */
export const atMost = (estimatedTokens: number): number => estimatedTokens * DENSE;

/** Failures before anything was computed, where no answer had begun: nothing is charged for them. */
const UNCHARGED: readonly ModelFailure["code"][] = [
  "rate_limited",
  "connection",
  "bad_request",
  "auth",
  "server_error",
];

/** What a failed call counts for. One that broke off may have been charged for what it said until then: it counts in full. */
export const costOfFailure = ({ code, begun }: ModelFailure, { usd }: Agreed): number =>
  UNCHARGED.includes(code) && begun !== true ? 0 : usd;

/** What an answered call counts for; `claimed` is what its server said where that is more. */
export const counted = <T extends Taken>(said: T, agreed: Agreed): T & { readonly claimed?: Taken } => {
  const { inputTokens, outputTokens, costUsd } = said;
  if (agreed.usd === 0 || costUsd === null || costUsd <= agreed.usd) return said;
  return {
    ...said,
    inputTokens: Math.min(inputTokens, agreed.inputTokens),
    outputTokens: Math.min(outputTokens, agreed.outputTokens),
    costUsd: agreed.usd,
    claimed: { inputTokens, outputTokens, costUsd },
  };
};

/** A claim in the words of the log; nothing where there is none. */
export const claimIn = ({ claimed }: { readonly claimed?: Taken | undefined }) =>
  claimed === undefined
    ? {}
    : {
        claimed: {
          input_tokens: claimed.inputTokens,
          output_tokens: claimed.outputTokens,
          cost_usd: claimed.costUsd,
        },
      };

/** A little more than was agreed is an estimate that was wrong; so much more is not. */
const INCREDIBLE = 2;

/** What is told of a server that claims what cannot be; null where the claim is none, or a small one. */
export const claimReport = (
  server: string,
  claimedUsd: number | null | undefined,
  countedUsd: number | null,
  now: number,
): IncidentReport | null => {
  if ((claimedUsd ?? 0) <= (countedUsd ?? 0) * INCREDIBLE) return null;
  return {
    title: "A model server claims more than a call can take",
    severity: "medium",
    details: `What ${server} says a call took would cost more than twice its worst case. The worst case is what was counted; what was said stands in the log as claimed.`,
    roomId: null,
    runId: null,
    idempotencyKey: `claimed:${server}:${new Date(now).toISOString().slice(0, 10)}`,
  };
};
