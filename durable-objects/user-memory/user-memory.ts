// What is known about one user. It belongs to the first user it serves and serves no other.
import { DurableObject } from "cloudflare:workers";

/** The object behind one user's memory. */
export class UserMemory extends DurableObject<Cloudflare.Env> {}
