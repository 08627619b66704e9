// The oracle keeps the contract it is used to measure others by.
import { exactContexts } from "#tests/support/exact-contexts.ts";
import { contextStoreContract } from "./context-store.contract.ts";

contextStoreContract("exact, in memory", async () => ({ store: exactContexts(), close: async () => {} }));
