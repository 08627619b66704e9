// What the agent's context and the user's memory are asked for a turn, both at once and within a bounded time. A store that
// fails or is slow answers null; nothing here is written down.
import type { ContextHit, ContextItem, ContextRef, ContextStore } from "#domain/context/port.ts";
import type { MemoryRecall, RecalledMemory } from "#domain/memory/port.ts";
import { bothWithin, contextRef } from "./contexts.ts";
import type { Core } from "./core.ts";
import type { Embeddings } from "./embeddings.ts";

/** Where it is looked up. */
export interface Stores {
  readonly contexts: ContextStore;
  readonly memory: MemoryRecall;
}

/** Whose context, what opens the user's memory, and the runs whose words the model is shown anyway. */
export interface Asking {
  readonly agent: { readonly id: string; readonly name: string };
  readonly passphrase: string | null;
  readonly seen: ReadonlySet<string>;
}

/** What both said; null: nothing in time. */
export type Answered = readonly [hits: readonly ContextHit[] | null, memory: RecalledMemory | null];

const TOP_K = 16;

export class StoreQuestions {
  readonly #core: Core;
  readonly #stores: Stores;
  readonly #embeddings: Embeddings;

  constructor(core: Core, stores: Stores, embeddings: Embeddings) {
    this.#core = core;
    this.#stores = stores;
    this.#embeddings = embeddings;
  }

  get backend(): ContextStore["backend"] {
    return this.#stores.contexts.backend;
  }

  refOf(agent: Asking["agent"]): ContextRef {
    return contextRef(this.#core, agent, this.#embeddings.made);
  }

  /** What bears on the question. */
  both(asking: Asking, question: string, vector: Float32Array | null, ms: number): Promise<Answered> {
    return bothWithin(this.#search(asking, question, vector), this.#recall(asking.passphrase, question, vector), ms);
  }

  /** Items that were found before, and what is remembered now; what is not asked for is empty. */
  again(
    { agent, passphrase }: Omit<Asking, "seen">,
    ids: readonly string[],
    about: { readonly question: string; readonly vector: Float32Array | null } | null,
    ms: number,
  ): Promise<[readonly ContextItem[] | null, RecalledMemory | null]> {
    return bothWithin(
      ids.length === 0 ? Promise.resolve([]) : this.#get(agent, ids),
      about === null ? Promise.resolve(null) : this.#recall(passphrase, about.question, about.vector),
      ms,
    );
  }

  async #search({ agent, seen }: Asking, text: string, vector: Float32Array | null): Promise<readonly ContextHit[]> {
    const query = { text, vector, topK: TOP_K, filter: {}, seen: [...seen] };
    const found = await this.#stores.contexts.search(this.refOf(agent), query);
    return found.ok ? found.value : [];
  }

  async #get(agent: Asking["agent"], ids: readonly string[]): Promise<readonly ContextItem[] | null> {
    const found = await this.#stores.contexts.get(this.refOf(agent), ids);
    return found.ok ? found.value : null;
  }

  async #recall(passphrase: string | null, text: string, vector: Float32Array | null): Promise<RecalledMemory | null> {
    const recalled = await this.#stores.memory.recall({
      userId: this.#core.owner().userId,
      text,
      vector,
      embedding: this.#embeddings.made,
      passphrase,
    });
    return recalled.ok ? recalled.value : null;
  }
}
