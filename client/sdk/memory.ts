// The calls of a user's memory. The passphrase goes into a header of each request and is kept nowhere.
import { z } from "zod";
import {
  ForgottenMemory,
  FoundMemories,
  Memory,
  MemorySettingsBody,
  Resealed,
  type WriteAssociativeBody,
  WrittenMemory,
} from "#schema/api/memory.ts";
import type { MemoryType } from "#schema/memory.ts";
import type { Http } from "./http.ts";
import { jsonLines } from "./json-lines.ts";
import { secretHeaders } from "./own-secrets.ts";

const MemoryPage = z.object({ items: z.array(Memory), next_cursor: z.string().nullable(), locked: z.int() });

/** Memory of the signed-in user; with a passphrase, what is kept under it too. */
export class MemoryCalls {
  readonly #http: Http;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(http: Http, passphrase: string | null = null) {
    this.#http = http;
    this.#headers = secretHeaders({ memoryPassphrase: passphrase ?? undefined });
  }

  list(type: MemoryType, page: { readonly limit?: number; readonly cursor?: string | undefined } = {}) {
    return this.#http.call("GET", `/api/v1/memory/${type}`, MemoryPage, { query: { ...page }, headers: this.#headers });
  }
  search(q: string) {
    return this.#http.call("GET", "/api/v1/memory/search", FoundMemories, { query: { q }, headers: this.#headers });
  }
  setCore(key: string, value: string) {
    const body = { key, value };
    return this.#http.call("PUT", "/api/v1/memory/core", WrittenMemory, { body, headers: this.#headers });
  }
  writeAssociative(body: WriteAssociativeBody) {
    return this.#http.call("POST", "/api/v1/memory/associative", WrittenMemory, { body, headers: this.#headers });
  }
  delete(type: MemoryType, id: string) {
    const path = `/api/v1/memory/${type}/${encodeURIComponent(id)}`;
    return this.#http.call("DELETE", path, ForgottenMemory, { headers: this.#headers });
  }
  reseal(next: string | null) {
    const body = { new_passphrase: next };
    return this.#http.call("POST", "/api/v1/memory/reseal", Resealed, { body, headers: this.#headers });
  }
  settings() {
    return this.#http.call("GET", "/api/v1/memory/settings", MemorySettingsBody);
  }
  setLearning(learning: "on" | "off") {
    return this.#http.call("PUT", "/api/v1/memory/settings", MemorySettingsBody, { body: { learning } });
  }
  /** Everything of all four types, one after the other, by one request. */
  async *all(): AsyncGenerator<Memory, void, void> {
    for await (const line of jsonLines(this.#http, "/api/v1/memory/export", this.#headers))
      yield Memory.parse(JSON.parse(line));
  }
}
