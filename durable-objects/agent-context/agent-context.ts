// One agent's context where no Qdrant is configured: its items, their words and their vectors. It belongs to the first owner it
// serves and serves no other.
import { DurableObject } from "cloudflare:workers";

/** The object behind one agent's embedded context. */
export class AgentContext extends DurableObject<Cloudflare.Env> {}
