// Who acts, as it stands on the events it causes: the owner in person, or somebody else on the owner's behalf.
import type { EventPrincipal, SpaceCaller } from "#schema/principal.ts";

/** The two names an event carries. */
export interface Acting {
  readonly principal: EventPrincipal;
  readonly onBehalfOf: EventPrincipal | null;
}

/** Who is behind a call of a space. */
export const actingFor = ({ user_id, actor }: Pick<SpaceCaller, "user_id" | "actor">): Acting => {
  const owner: EventPrincipal = `user:${user_id}`;
  return actor === undefined ? { principal: owner, onBehalfOf: null } : { principal: actor, onBehalfOf: owner };
};

/** What kind of principal this is; whatever is no user and no agent is a program. */
export const kindOf = (principal: EventPrincipal): "user" | "agent" | "service" =>
  principal.startsWith("user:") ? "user" : principal.startsWith("agent:") ? "agent" : "service";
