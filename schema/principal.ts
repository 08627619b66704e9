// Who acts, and on whose behalf. A Principal is what a token proves; a UserScope is what a request may touch.
import { z } from "zod";
import { type CapabilityId, idOf, type ProjectId, type SessionId, type UserId } from "./ids.ts";

/** What a credential may be used for. A signed-in person has all of them. */
export const Scope = z.enum(["read", "chat", "approve", "device", "manage", "account", "engine"]);
export type Scope = z.infer<typeof Scope>;
export const ALL_SCOPES: readonly Scope[] = Scope.options;
/** The scopes a capability can carry. Answering approvals, managing and the account itself stay with people. */
export const GrantableScope = Scope.extract(["read", "chat", "engine"]);
export type GrantableScope = z.infer<typeof GrantableScope>;

export const Tier = z.enum(["free", "pro", "power", "team"]);
export type Tier = z.infer<typeof Tier>;

/** What a capability lets its holder do, and until when. */
export interface CapabilityGrant {
  readonly principal: EventPrincipal;
  readonly scopes: readonly GrantableScope[];
  readonly actions: readonly string[];
  /** Epoch ms. */
  readonly expiresAt: number;
  /** 1 for one a person granted; one more for each time it was passed on. */
  readonly depth: number;
}

/** What a valid credential proved. Holds no right by itself: only a UserScope opens repositories and spaces. */
export interface Principal {
  readonly userId: UserId;
  readonly tier: Tier;
  readonly scopes: readonly Scope[];
  /** How the caller proved it: a signed-in session, an API key, a capability, or a single-use stream ticket. */
  readonly via:
    | {
        readonly kind: "session";
        readonly jti: string;
        readonly sessionId: SessionId | null;
        readonly expiresAt: number;
      }
    | { readonly kind: "api_key"; readonly keyId: string }
    /** It acts in one project only, as the grant's principal, on the user's behalf. */
    | {
        readonly kind: "capability";
        readonly capabilityId: CapabilityId;
        readonly projectId: ProjectId;
        readonly grant: CapabilityGrant;
      }
    /** Its stream lives no longer than the token the ticket was asked for with; null: that was an API key. */
    | { readonly kind: "ticket"; readonly expiresAt: number | null };
}

/** The actor written on an event. */
export const EventPrincipal = z.string().regex(/^(user|agent|service):[\w.-]+$/);
export type EventPrincipal = z.infer<typeof EventPrincipal>;

/**
 * Who is calling a worker space. Only a scope builds one, from ids the server checked. `actor` is who acts when it is not the
 * user in person (an engine with a capability, a schedule): written on the events it causes, on behalf of the user. `actions`
 * is what a capability may do; absent: no capability stands behind the call, and nothing is withheld.
 */
export const SpaceCaller = z.object({
  user_id: idOf("user"),
  project_id: idOf("project"),
  actor: EventPrincipal.optional(),
  actions: z.array(z.string()).optional(),
});
export interface SpaceCaller {
  readonly user_id: UserId;
  readonly project_id: ProjectId;
  readonly actor?: EventPrincipal | undefined;
  readonly actions?: readonly string[] | undefined;
}

declare const minted: unique symbol;
/** The right to touch one user's things. Minted only by `workers/middleware/isolation.ts`. */
export interface UserScope {
  readonly [minted]: true;
  readonly userId: UserId;
  readonly userKey: string;
  readonly principal: Principal;
}

/** One of the caller's own projects, looked up through a scope; the only thing a space can be reached with. */
export interface OwnedProject {
  readonly [minted]: true;
  readonly id: ProjectId;
  readonly key: string;
  readonly ownerId: UserId;
  readonly isDefault: boolean;
}
