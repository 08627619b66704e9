// What a handler finds in its context. Set by the middleware, in this order, before any handler runs.
import type { RequestScope } from "./request-scope.ts";
import type { Services } from "./services.ts";

export interface AppEnv {
  Bindings: Cloudflare.Env;
  Variables: {
    requestId: string;
    /** Absent only on the open routes that need no configuration. */
    services: Services;
    /** Absent on open routes: they have no caller. */
    scope: RequestScope;
    /** The caller's Idempotency-Key, for the space to hold to as well. */
    idempotencyKey: string | null;
  };
}
