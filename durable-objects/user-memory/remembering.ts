// What is taken in, and what is put out. Both run inside the object's one transaction: between the look and the write nobody
// else is served. The same thing remembered twice is one memory; what was deleted is not learned from the same run again.
import { createHash } from "node:crypto";
import { mintId } from "#adapters/ids.ts";
import type { Forgotten } from "#domain/memory/forget.ts";
import { MOST, placeCore, textOf } from "#domain/memory/place.ts";
import type { Remembered } from "#domain/memory/port.ts";
import { type Derived, goesAlong } from "#domain/memory/related.ts";
import { plainText } from "#domain/memory/words.ts";
import { composeId, keyOf, type MemoryId, type RunId } from "#schema/ids.ts";
import {
  MEMORY_LIMITS,
  MemoryContent,
  type MemoryType,
  MemoryType as MemoryTypes,
  type NewMemory,
} from "#schema/memory.ts";
import { ok, type Refusal, type Result, refuse } from "#schema/result.ts";
import type { Opened, Shelf, Shut } from "./shelf.ts";
import type { Vault, VaultKey } from "./vault.ts";

type Going = Derived & { readonly id: MemoryId; readonly type: MemoryType; readonly runIds: readonly RunId[] };

const TYPES = MemoryTypes.options;
const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

const ALPHABET_BITS = 31;

/** The id that a key always gives. */
const idOfOnce = (userId: string, onceKey: string): MemoryId => {
  const digest = createHash("sha256").update(`${userId}\n${onceKey}`).digest();
  const characters = [...digest.subarray(0, 26)].map((byte, at) =>
    CROCKFORD.charAt(at === 0 ? byte & 7 : byte & ALPHABET_BITS),
  );
  const text = characters.join("");
  return composeId("memory", text.slice(0, 10), text.slice(10, 18), text.slice(18, 26));
};

export class Remembering {
  readonly #shelf: Shelf;
  readonly #vault: Vault;
  readonly #owner: () => string;

  constructor(shelf: Shelf, vault: Vault, owner: () => string) {
    this.#shelf = shelf;
    this.#vault = vault;
    this.#owner = owner;
  }

  /** Takes one memory in, under the key where there is one. */
  remember(memory: NewMemory, key: VaultKey | null, now: number): Remembered {
    if (key !== null) {
      const adopted = this.#vault.adopt(key);
      if (!adopted.ok) return no(adopted.refusal);
    }
    const { content, provenance } = memory;
    const onceId = memory.onceKey === null ? null : idOfOnce(this.#owner(), memory.onceKey);
    if (this.#wasForgotten(memory, onceId)) return no({ code: "memory_forgotten" });
    const found = this.#twinOf(memory, onceId, key);
    if (!found.ok) return no(found.refusal);
    const twin = found.value;
    const id = twin?.frame.id ?? onceId ?? mintId("memory", keyOf(this.#owner()));
    if (twin !== null && isSame(twin, memory) && twin.frame.sealed === (key !== null))
      return { kept: true, id, type: content.type, changed: false };
    if (twin === null) {
      // A repeat of what stands under a passphrase that did not come along: it is there, and stays as it is.
      if (this.#shelf.has(id) !== null) return { kept: true, id, type: content.type, changed: false };
      const room = this.#makeRoom(content.type, key);
      if (!room.ok) return no(room.refusal);
    }
    const from = [...(memory.runIds ?? []), ...(provenance.run_id === undefined ? [] : [provenance.run_id])];
    const runIds = [...new Set([...(twin?.runIds ?? []), ...from])].slice(-MEMORY_LIMITS.runs);
    this.#shelf.put({ id, content, trust: memory.trust, provenance, runIds, at: now }, key);
    return { kept: true, id, type: content.type, changed: true };
  }

  /** What would go with a memory, without anything going. */
  wouldForget(type: MemoryType, id: string, key: VaultKey | null): Result<Forgotten> {
    const going = this.#going(type, id, key);
    return going.ok ? ok(asForgotten(id, going.value)) : going;
  }

  /** Deletes a memory and whatever was derived from the same words. */
  forget(type: MemoryType, id: string, key: VaultKey | null, now: number): Result<Forgotten> {
    const going = this.#going(type, id, key);
    if (!going.ok) return going;
    this.#remove(going.value, now);
    return ok(asForgotten(id, going.value));
  }

  /** Deletes everything that came from a run, and learns nothing from it again. */
  forgetRun(runId: RunId, now: number): number {
    const gone = this.#everything(null).filter(({ runIds }) => runIds.includes(runId));
    this.#remove(gone, now);
    this.#shelf.markRun(runId);
    return gone.length;
  }

  /** Puts one memory in the place of several; they leave no marker, for nobody wanted them gone. */
  merge(ids: readonly MemoryId[], memory: NewMemory, key: VaultKey | null, now: number): Remembered {
    const parts = ids.flatMap((id) => this.#shelf.one(id, key) ?? []);
    if (parts.length < ids.length) return no({ code: "memory_forgotten" });
    const kept = this.remember(memory, key, now);
    if (!kept.kept) return kept;
    const all = [...parts.flatMap((part) => part.runIds), ...(memory.runIds ?? [])];
    const runIds = [...new Set(all)].slice(-MEMORY_LIMITS.runs);
    const { content, trust, provenance } = memory;
    this.#shelf.put({ id: kept.id, content, trust, provenance, runIds, at: now }, key);
    for (const id of ids) if (id !== kept.id) this.#shelf.remove(id, [], false, now);
    return kept;
  }

  /** Puts everything under a key, or (null) under none. All of it, or nothing: half would be neither open nor shut. */
  reseal(key: VaultKey | null, next: VaultKey | null, now: number): Result<{ resealed: number }> {
    if (key === null && this.#vault.locked) return refuse("memory_locked", "send the passphrase it is kept under");
    const all = TYPES.flatMap((type) => this.#shelf.opened(type, key));
    const associations = all.filter(({ content }) => content.type === "associative").length;
    if (next !== null && associations > MEMORY_LIMITS.sealedAssociative)
      return refuse("quota_exceeded", `${MEMORY_LIMITS.sealedAssociative} associations fit under a passphrase`);
    // What a rotten row holds cannot be opened by anybody; it must not be left under a key that is gone.
    if (all.length < TYPES.reduce((sum, type) => sum + this.#shelf.count(type), 0))
      return refuse("memory_locked", "some of it cannot be opened: delete that first");
    this.#vault.turnTo(next);
    for (const memory of all) this.#shelf.rewrite(memory, next, now);
    return ok({ resealed: all.length });
  }

  #going(type: MemoryType, id: string, key: VaultKey | null): Result<readonly Going[]> {
    if (this.#shelf.has(id)?.type !== type) return refuse("not_found");
    const all = this.#everything(key);
    const target = all.find((one) => one.id === id);
    if (target === undefined) return refuse("not_found");
    const along = new Set(goesAlong(target, all));
    return ok(all.filter((one) => one.id === id || along.has(one.id)));
  }

  #remove(gone: readonly Going[], now: number): void {
    for (const one of gone) this.#shelf.remove(one.id, one.runIds, true, now);
    if (this.#vault.locked && this.#shelf.countSealed() === 0) this.#vault.turnTo(null);
  }

  #wasForgotten({ provenance }: NewMemory, onceId: MemoryId | null): boolean {
    if (onceId !== null && this.#shelf.isMarked(onceId)) return true;
    const { source, run_id: runId } = provenance;
    return source === "learned" && runId !== undefined && this.#shelf.isForgotten(runId);
  }

  /** The memory this one takes the place of: of the same id, of the same core key, or saying the same of the same thing. */
  #twinOf(memory: NewMemory, onceId: MemoryId | null, key: VaultKey | null): Result<Opened | null> {
    const { content, trust } = memory;
    const known = this.#shelf.opened(content.type, key);
    const same = onceId === null ? undefined : known.find(({ frame }) => frame.id === onceId);
    if (content.type === "core") {
      const blocks = known.flatMap((one) =>
        one.content.type === "core"
          ? [{ id: one.frame.id, key: one.content.key, value: one.content.value, trust: one.frame.trust }]
          : [],
      );
      const hidden = this.#shelf.count("core") - known.length;
      const placed = placeCore(blocks, hidden, content, trust);
      if (!placed.ok) return placed;
      return ok(known.find(({ frame }) => frame.id === placed.value.replaces) ?? null);
    }
    if (same !== undefined || content.type === "episodic") return ok(same ?? null);
    const text = plainText(textOf(content));
    return ok(known.find((one) => plainText(textOf(one.content)) === text) ?? null);
  }

  /** Summaries and patterns push out the oldest; what somebody wanted kept is not pushed out. */
  #makeRoom(type: MemoryType, key: VaultKey | null): Result<void> {
    if (type === "associative" && key !== null && this.#shelf.countSealed(type) >= MEMORY_LIMITS.sealedAssociative)
      return refuse("quota_exceeded", `${MEMORY_LIMITS.sealedAssociative} associations fit under a passphrase`);
    if (this.#shelf.count(type) < MOST[type]) return ok(undefined);
    const [oldest] = type === "episodic" || type === "proactive" ? this.#shelf.opened(type, key) : [];
    if (oldest === undefined) return refuse("quota_exceeded", `${type} memory holds ${MOST[type]} items`);
    this.#shelf.remove(oldest.frame.id, [], false, 0);
    return ok(undefined);
  }

  #everything(key: VaultKey | null): Going[] {
    const opened = TYPES.flatMap((type) => this.#shelf.opened(type, key));
    const seen = new Set(opened.map(({ frame }) => frame.id));
    return [
      ...opened.map(asDerived),
      ...this.#shelf
        .shut()
        .filter(({ id }) => !seen.has(id))
        .map(asShut),
    ];
  }
}

const asForgotten = (id: string, gone: readonly Going[]): Forgotten => ({
  also: gone.filter((one) => one.id !== id).map((one) => ({ id: one.id, type: one.type })),
  runIds: [...new Set(gone.flatMap(({ runIds }) => runIds))],
});

const no = (refusal: Refusal): Remembered => ({ kept: false, refusal });

const isSame = (twin: Opened, { content, trust, provenance }: NewMemory): boolean =>
  // Both in the order the schema has them.
  JSON.stringify(twin.content) === JSON.stringify(MemoryContent.parse(content)) &&
  twin.frame.trust === trust &&
  (provenance.run_id === undefined || twin.runIds.includes(provenance.run_id));

const asDerived = ({ frame, content, runIds }: Opened) => ({
  id: frame.id,
  type: content.type,
  runIds,
  roomId: frame.provenance.room_id ?? null,
  content,
  quote: frame.provenance.quote ?? null,
});

const asShut = ({ id, type, runIds, roomId }: Shut) => ({ id, type, runIds, roomId, content: null, quote: null });
