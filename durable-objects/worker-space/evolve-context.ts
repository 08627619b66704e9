// Events about what was looked up, and models asked beside turns: no read model keeps anything of them.
import { type Evolvers, nothing } from "./evolvers.ts";

export const contextEvolvers: Evolvers<"context.retrieved" | "memory.learned" | "model.used"> = {
  "context.retrieved": nothing,
  "memory.learned": nothing,
  "model.used": nothing,
};
