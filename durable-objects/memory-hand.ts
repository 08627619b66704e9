// The hands over a user's memory: one for the spaces, which recall and keep; one for its owner, who sees all of it and deletes.
// A memory that cannot be reached never fails a turn.
import type { AskedMemory, MemoryKeeper, MemoryPayer, MemoryRecall } from "#domain/memory/port.ts";
import type { UserId } from "#schema/ids.ts";
import type { MemoryType, NewMemory } from "#schema/memory.ts";
import { refuse } from "#schema/result.ts";
import { memoryOf } from "./stubs.ts";
import type { UserMemory } from "./user-memory/user-memory.ts";

type Memories = Cloudflare.Env["MEMORIES"];
/** What the object answers, as its own class says it: RPC's types cannot carry a refusal's open record. */
type Door = Pick<
  UserMemory,
  | "recall"
  | "remember"
  | "merge"
  | "ground"
  | "claimLook"
  | "lookedBack"
  | "list"
  | "get"
  | "search"
  | "forget"
  | "wouldForget"
  | "forgottenOf"
  | "forgetRun"
  | "reseal"
  | "settings"
  | "setSettings"
>;

const doorOf = (memories: Memories, userId: UserId): Door => memoryOf(memories, userId) as unknown as Door;

const unreachable = () => refuse("memory_unavailable");

/** What a space does with its owner's memory. `userId` is the space's own owner. */
export const spaceMemory = (memories: Memories): MemoryRecall & MemoryKeeper => ({
  recall: (question) => doorOf(memories, question.userId).recall(question).catch(unreachable),
  remember: (writer, wanted) => doorOf(memories, writer.userId).remember(writer, wanted).catch(unreachable),
  ground: (userId, runIds, types, passphrase) =>
    doorOf(memories, userId).ground(userId, runIds, types, passphrase).catch(unreachable),
  claimLook: (userId, projectId, upTo) =>
    doorOf(memories, userId).claimLook(userId, projectId, upTo).catch(unreachable),
  lookedBack: (userId, upTo) => doorOf(memories, userId).lookedBack(userId, upTo).catch(unreachable),
  forgottenOf: (userId, ids) => doorOf(memories, userId).forgottenOf(userId, ids).catch(unreachable),
  forgetRun: (userId, runId) => doorOf(memories, userId).forgetRun(userId, runId).catch(unreachable),
  merge: (writer, ids, memory) => doorOf(memories, writer.userId).merge(writer, ids, memory).catch(unreachable),
});

/** A user's memory as its owner sees it, with the passphrase their request brought. */
export interface OwnMemory {
  list(type: MemoryType, before: number | null, limit: number): ReturnType<Door["list"]>;
  search(asked: AskedMemory, limit: number): ReturnType<Door["search"]>;
  get(id: string): ReturnType<Door["get"]>;
  remember(memory: NewMemory, payer: MemoryPayer): ReturnType<Door["remember"]>;
  wouldForget(type: MemoryType, id: string): ReturnType<Door["wouldForget"]>;
  forget(type: MemoryType, id: string): ReturnType<Door["forget"]>;
  reseal(next: string | null): ReturnType<Door["reseal"]>;
  settings(): ReturnType<Door["settings"]>;
  setSettings(settings: { readonly learning: boolean }): ReturnType<Door["setSettings"]>;
}

/** The memory of a verified user. */
export const ownMemory = (memories: Memories, userId: UserId, passphrase: string | null): OwnMemory => {
  const door = doorOf(memories, userId);
  return {
    list: (type, before, limit) => door.list(userId, type, before, limit, passphrase),
    search: (asked, limit) => door.search(userId, asked, limit, passphrase),
    get: (id) => door.get(userId, id, passphrase),
    remember: (memory, payer) => door.remember({ userId, passphrase, payer }, [memory]),
    wouldForget: (type, id) => door.wouldForget(userId, type, id, passphrase),
    forget: (type, id) => door.forget(userId, type, id, passphrase),
    reseal: (next) => door.reseal(userId, passphrase, next),
    settings: () => door.settings(userId),
    setSettings: (settings) => door.setSettings(userId, settings),
  };
};
