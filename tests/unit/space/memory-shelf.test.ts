// What a user's memory leaves behind on the disk: the very rows and pages, read from the file as a thief would.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { mintId } from "#adapters/ids.ts";
import { Shelf } from "#durable-objects/user-memory/shelf.ts";
import { Vault } from "#durable-objects/user-memory/vault.ts";
import { SimulatedDisk } from "#tests/support/simulation/storage.ts";

const WORDS = "the harbour gate opens with 4711";
let folder: string;
let disk: SimulatedDisk;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "shelf-"));
  disk = new SimulatedDisk(false, join(folder, "memory.sqlite"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const opened = () => {
  const storage = disk.begin();
  const vault = new Vault(storage.kv, () => "user", Date.now);
  return { shelf: new Shelf(storage, vault), vault };
};

const writing = (text: string) => ({
  id: mintId("memory"),
  content: { type: "associative" as const, entity_type: "place", entity_id: "gate", label: "gate", text, metadata: {} },
  trust: "user" as const,
  provenance: { source: "user" as const, quote: WORDS },
  runIds: [],
  at: 1,
});

const onDisk = (): string => {
  disk.close();
  return readFileSync(join(folder, "memory.sqlite"), "latin1");
};

describe.each([
  ["short", WORDS],
  ["of several pages", `${WORDS} — ${"и долго ".repeat(480).trim()}`],
])("%s words", (_, text) => {
  it("stand on the disk while they are kept", () => {
    opened().shelf.put(writing(text), null);
    expect(onDisk()).toContain(WORDS);
  });

  it("are nowhere on it once they were deleted", () => {
    const { shelf } = opened();
    const one = writing(text);
    shelf.put(one, null);
    shelf.remove(one.id, [], false, 2);
    expect(onDisk()).not.toContain("gate opens");
  });

  it("are nowhere on it once they were put under a passphrase", async () => {
    const { shelf, vault } = opened();
    const { id } = writing(text);
    shelf.put({ ...writing(text), id }, null);
    const key = await vault.newKey("a long walk by the sea");
    vault.turnTo(key);
    const [memory] = shelf.opened("associative", null);
    if (memory === undefined) throw new Error("it was kept");
    shelf.rewrite(memory, key, 2);
    expect(shelf.one(id, key)?.content).toMatchObject({ text });
    expect(onDisk()).not.toContain("gate opens");
  });

  it("are nowhere on it once others took their place", () => {
    const { shelf } = opened();
    const one = writing(text);
    shelf.put(one, null);
    shelf.put({ ...one, content: { ...one.content, text: "it is closed" }, provenance: { source: "user" } }, null);
    expect(onDisk()).not.toContain("gate opens");
  });
});
