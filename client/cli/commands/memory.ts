// retinue memory: what is known about you; list, set, search, delete, export, learning. A passphrase comes from
// RETINUE_MEMORY_PASSPHRASE, or is asked for with --unlock; on the command line other users of the machine would see it.
import { defineCommand } from "citty";
import type { Memory } from "#schema/api/memory.ts";
import { MemoryType } from "#schema/memory.ts";
import { MemoryCalls } from "../../sdk/memory.ts";
import { command } from "../arguments.ts";
import { misuse } from "../failure.ts";
import { COMMON, type Ground, standOn } from "../ground.ts";
import { passphrase } from "../own-secrets.ts";

const UNLOCK = {
  unlock: { type: "boolean", description: "Ask for the passphrase (or set RETINUE_MEMORY_PASSPHRASE)" },
} as const;

const memoryOf = async (ground: Ground, args: { readonly unlock?: boolean | undefined }): Promise<MemoryCalls> =>
  new MemoryCalls((await ground.api()).http, await passphrase(args.unlock === true));

const typeIn = (text: string): MemoryType => {
  const type = MemoryType.safeParse(text);
  if (!type.success) throw misuse(`a memory is ${MemoryType.options.join(", ")}, not ${JSON.stringify(text)}`);
  return type.data;
};

/** One line of what is known. */
const lineOf = (memory: Memory): string => {
  if (memory.locked) return "(locked)";
  switch (memory.type) {
    case "core":
      return `${memory.key}: ${memory.value}`;
    case "associative":
      return memory.text;
    case "episodic":
      return memory.summary;
    case "proactive":
      return `${memory.description} (${Math.round(memory.confidence * 100)}%)`;
  }
};

const rowOf = (memory: Memory): string[] => [
  memory.id,
  memory.type,
  memory.locked ? "" : memory.sealed ? `${memory.trust}, sealed` : memory.trust,
  lineOf(memory),
];
const HEAD = ["ID", "TYPE", "TRUST", "WHAT"];
const LOCKED = (count: number): string =>
  `${count} locked: set RETINUE_MEMORY_PASSPHRASE, or add --unlock, to read ${count === 1 ? "it" : "them"}`;

const show = (ground: Ground, items: readonly Memory[], locked: number): void => {
  ground.print.table(HEAD, items.map(rowOf), "Nothing is known about you yet.");
  if (locked > 0) ground.print.line(LOCKED(locked));
  ground.print.document({ items, locked });
};

const list = command({
  meta: { name: "list", description: "What is known about you" },
  args: { ...UNLOCK, ...COMMON },
  run: async ({ args }) => {
    const ground = standOn(args);
    const items: Memory[] = [];
    // Not type by type: the requests of a minute are counted.
    for await (const one of (await memoryOf(ground, args)).all()) items.push(one);
    show(ground, items, items.filter(({ locked }) => locked).length);
  },
});

const listing = (type: MemoryType, description: string) =>
  command({
    meta: { name: type, description },
    args: { ...UNLOCK, ...COMMON },
    run: async ({ args }) => {
      const ground = standOn(args);
      const { items, locked } = await (await memoryOf(ground, args)).list(type, { limit: 100 });
      show(ground, items, locked);
    },
  });
const core = listing("core", "What every agent is told of you");
const associative = listing("associative", "What is known about people, places and things");
const episodic = listing("episodic", "What happened in earlier sessions");
const proactive = listing("proactive", "Patterns over your sessions");

const set = command({
  meta: { name: "set", description: "Keep a core memory under its key; with a passphrase it is sealed" },
  args: {
    key: { type: "positional", required: true, description: "Names it" },
    value: { type: "positional", required: true, description: "What every agent is to know" },
    ...UNLOCK,
    ...COMMON,
  },
  run: async ({ args }) => {
    const ground = standOn(args);
    const kept = await (await memoryOf(ground, args)).setCore(args.key, args.value);
    ground.print.line(`${kept.id} is kept${kept.sealed ? ", sealed" : ""}`);
    ground.print.document(kept);
  },
});

const remove = command({
  meta: { name: "delete", description: "Delete a memory for good, and what was derived from the same words" },
  args: {
    type: { type: "positional", required: true, description: "core, associative, episodic or proactive" },
    id: { type: "positional", required: true, description: "Its id" },
    ...UNLOCK,
    ...COMMON,
  },
  run: async ({ args }) => {
    const type = typeIn(args.type);
    const ground = standOn(args);
    const gone = await (await memoryOf(ground, args)).delete(type, args.id);
    ground.print.line(`${args.id} is gone`);
    for (const { id, type: what } of gone.also_deleted) ground.print.line(`  and ${id} (${what}), from the same words`);
    ground.print.document(gone);
  },
});

const search = command({
  meta: { name: "search", description: "Search what is known" },
  args: { words: { type: "positional", required: true, description: "What to look for" }, ...UNLOCK, ...COMMON },
  run: async ({ args }) => {
    const ground = standOn(args);
    const found = await (await memoryOf(ground, args)).search(args.words);
    ground.print.table(
      HEAD,
      found.items.map(({ memory }) => rowOf(memory)),
      "Nothing like it is known.",
    );
    if (found.locked > 0) ground.print.line(LOCKED(found.locked));
    ground.print.document(found);
  },
});

const exportAll = command({
  meta: { name: "export", description: "Everything that is known, one JSON object on each line" },
  args: { ...UNLOCK, ...COMMON },
  run: async ({ args }) => {
    const memory = await memoryOf(standOn(args), args);
    for await (const one of memory.all()) process.stdout.write(`${JSON.stringify(one)}\n`);
  },
});

const learning = command({
  meta: { name: "learning", description: "Whether anything is learned from conversations; turn it on or off" },
  args: { to: { type: "positional", required: false, description: "on or off" }, ...COMMON },
  run: async ({ args }) => {
    if (args.to !== undefined && args.to !== "on" && args.to !== "off") throw misuse("learning is on or off");
    const ground = standOn(args);
    const memory = await memoryOf(ground, {});
    const settings = args.to === undefined ? await memory.settings() : await memory.setLearning(args.to);
    ground.print.line(
      settings.learning === "on"
        ? "Learning is on: what you say is learned from when a conversation has been quiet for a moment."
        : "Learning is off: nothing is learned from conversations. What is known stays known.",
    );
    ground.print.document(settings);
  },
});

export const memoryCommand = defineCommand({
  meta: { name: "memory", description: "What is known about you: list, set, search, delete, export, learning" },
  subCommands: {
    list,
    core,
    associative,
    episodic,
    proactive,
    set,
    delete: remove,
    search,
    export: exportAll,
    learning,
  },
  default: "list",
});
