// The owner takes a yes to a host back.
import type { Acting } from "../events/acting.ts";
import { fact } from "../events/facts.ts";
import type { Decision } from "../runs/work.ts";

/** Agents ask again before they read from it. */
export const withdrawHost = (host: string, acting: Acting): Decision => ({
  facts: [
    fact("egress.host_withdrawn", { host, by: acting.principal }, { stream: { type: "policy", id: "hosts" } }, acting),
  ],
  work: [],
});
