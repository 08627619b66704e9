// Events about what was looked up, and models asked beside turns: no read model keeps anything of them.
import { type Evolvers, nothing } from "./evolvers.ts";

export const contextEvolvers: Evolvers<"context.retrieved" | "model.used"> = {
  "context.retrieved": nothing,
  "model.used": nothing,
};
