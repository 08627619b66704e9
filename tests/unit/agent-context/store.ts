// An agent's context over Node's own SQLite, with the kernel that is shipped; its storage outlives what is opened over it.
import { Holdings } from "#durable-objects/agent-context/holdings.ts";
import type { Small } from "#durable-objects/agent-context/small-context.ts";
import { SimulatedDisk } from "#tests/support/simulation/storage.ts";
import { kernel } from "../vector-index/ground.ts";

/** The disk of one context. */
export class ContextDisk {
  readonly disk = new SimulatedDisk(false);
  readonly #kept = new Map<string, unknown>();

  /** The storage as the next life of the object finds it. */
  storage(): DurableObjectStorage {
    const kept = this.#kept;
    const kv = { get: (key: string) => kept.get(key), put: (key: string, value: unknown) => void kept.set(key, value) };
    return { ...this.disk.begin(), kv } as unknown as DurableObjectStorage;
  }

  /** `small`: what is looked through in memory. */
  open(small?: Small): Holdings {
    return new Holdings(this.storage(), kernel, small);
  }
}
