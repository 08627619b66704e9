// The embedded contexts in the real runtime: the port's contract, and what only they promise.
import { env } from "cloudflare:workers";
import { embeddedContexts } from "#durable-objects/embedded-context.ts";
import { contextStoreContract } from "#tests/contracts/context-store.contract.ts";

contextStoreContract("embedded", async () => ({ store: embeddedContexts(env.CONTEXTS), close: async () => {} }));
