// Finding what bears on a question, by vectors and by words, in one look. Vectors of what is not sealed lie in an index; those
// under a passphrase are sealed too, and compared one by one after opening.
import { termsOf } from "#domain/context/words.ts";
import { labelOf, textOf } from "#domain/memory/place.ts";
import type { AskedMemory, MemoryQuestion, RecalledItem, RecalledMemory } from "#domain/memory/port.ts";
import { bestAssociations, type Candidate, lastEpisodes, RECALL, ranked } from "#domain/memory/recall.ts";
import type { MemoryType } from "#schema/memory.ts";
import type { MemoryVectors } from "./memory-vectors.ts";
import type { Opened, Shelf } from "./shelf.ts";
import type { VaultKey } from "./vault.ts";

/** How many of the newest sessions are looked through. */
const EPISODES_SEEN = 100;

interface Found extends Candidate {
  readonly memory: Opened;
}

export class Recalling {
  readonly #shelf: Shelf;
  readonly #vectors: MemoryVectors;
  readonly #words = new WeakMap<Opened, ReadonlySet<string>>();

  constructor(shelf: Shelf, vectors: MemoryVectors) {
    this.#shelf = shelf;
    this.#vectors = vectors;
  }

  /** The core always; of the rest what bears on the question. */
  recall(question: MemoryQuestion, key: VaultKey | null): RecalledMemory {
    const words = new Set(termsOf(question.text));
    const asked = { vector: question.vector, model: question.embedding.model };
    const associations = bestAssociations(words, this.#candidates("associative", asked, key));
    const episodes = lastEpisodes(words, this.#candidates("episodic", asked, key), question.projectId ?? null);
    const patterns = this.#shelf
      .opened("proactive", key)
      .flatMap((memory) =>
        memory.content.type === "proactive" && memory.content.confidence >= RECALL.confidence
          ? [{ memory, score: memory.content.confidence }]
          : [],
      )
      .sort((a, b) => b.score - a.score)
      .slice(0, RECALL.proactive);
    const core = this.#shelf
      .opened("core", key)
      .flatMap(({ frame, content }) =>
        content.type === "core" ? [{ id: frame.id, key: content.key, value: content.value, trust: frame.trust }] : [],
      );
    return {
      core: newestOfEachKey(core).sort((a, b) => (a.key < b.key ? -1 : 1)),
      items: [
        ...[...associations, ...episodes].map(({ candidate, score }) => itemOf(candidate.memory, score)),
        ...patterns.map(({ memory, score }) => itemOf(memory, score)),
      ].flatMap((item) => item ?? []),
      locked: key === null ? this.#shelf.countSealed() : 0,
    };
  }

  /** Everything that is like the words, of all four types, the likest first. */
  search(
    asked: AskedMemory,
    limit: number,
    key: VaultKey | null,
  ): { readonly memory: Opened; readonly score: number }[] {
    const words = new Set(termsOf(asked.text));
    const types: readonly MemoryType[] = ["core", "associative", "episodic", "proactive"];
    return ranked(
      words,
      types.flatMap((type) => this.#candidates(type, asked, key)),
    )
      .filter(({ score }) => score >= RECALL.episodicThreshold)
      .slice(0, limit)
      .map(({ candidate, score }) => ({ memory: candidate.memory, score }));
  }

  #candidates(type: MemoryType, asked: Omit<AskedMemory, "text">, key: VaultKey | null): Found[] {
    const all = this.#shelf.opened(type, key);
    const memories = type === "episodic" ? all.slice(-EPISODES_SEEN) : all;
    const similarities =
      asked.vector === null
        ? new Map<string, number>()
        : this.#vectors.similarities(memories, asked.vector, asked.model, key);
    return memories.map((memory) => ({
      id: memory.frame.id,
      words: this.#wordsOf(memory),
      similarity: similarities.get(memory.frame.id) ?? null,
      trust: memory.frame.trust,
      at: memory.frame.updatedAt,
      projectId: memory.content.type === "episodic" ? memory.content.project_id : null,
      memory,
    }));
  }

  #wordsOf(memory: Opened): ReadonlySet<string> {
    const known = this.#words.get(memory);
    if (known !== undefined) return known;
    const words = new Set(termsOf(textOf(memory.content)));
    this.#words.set(memory, words);
    return words;
  }
}

// The same key may stand open and sealed; the newest is what holds. Rows come oldest first.
const newestOfEachKey = <B extends { readonly key: string }>(blocks: readonly B[]): B[] => [
  ...new Map(blocks.map((block) => [block.key.toLowerCase(), block])).values(),
];

const itemOf = ({ frame, content }: Opened, score: number): RecalledItem | null =>
  content.type === "core"
    ? null
    : {
        id: frame.id,
        type: content.type,
        label: labelOf(content),
        text: textOf(content),
        trust: frame.trust,
        score,
        at: frame.updatedAt,
      };
