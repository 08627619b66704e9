import { describe, expect, test } from "vitest";
import { contextPlace, contextStoreFrom } from "#adapters/context/context-store.ts";
import { readQdrantSettings } from "#adapters/context/settings.ts";
import { exactContexts } from "#tests/support/exact-contexts.ts";

const URL = "https://qdrant.example.com:6333";

describe("where contexts are kept", () => {
  test("is our own objects when nothing is configured, empty variables included", () => {
    for (const env of [{}, { QDRANT_URL: "", QDRANT_API_KEY: "", QDRANT_PLACEMENT: "" }, { CONTEXT_STORE: "embedded" }])
      expect(readQdrantSettings(env)).toEqual({ ok: true, value: null });
  });

  test("is Qdrant where it is, a collection for each agent unless said otherwise", () => {
    const value = { url: URL, apiKey: null, placement: "dedicated", active: true };
    expect(readQdrantSettings({ QDRANT_URL: URL })).toEqual({ ok: true, value });
    expect(readQdrantSettings({ QDRANT_URL: URL, QDRANT_API_KEY: "k", QDRANT_PLACEMENT: "shared" })).toEqual({
      ok: true,
      value: { ...value, apiKey: "k", placement: "shared" },
    });
    expect(readQdrantSettings({ QDRANT_URL: URL, CONTEXT_STORE: "embedded" })).toEqual({
      ok: true,
      value: { ...value, active: false },
    });
  });

  test.each([
    [{ QDRANT_API_KEY: "sk-secret" }, "QDRANT_URL"],
    [{ QDRANT_PLACEMENT: "shared" }, "QDRANT_URL"],
    [{ CONTEXT_STORE: "qdrant" }, "QDRANT_URL"],
    [{ QDRANT_URL: "qdrant.sk-secret:6333" }, "QDRANT_URL"],
    [{ QDRANT_URL: URL, QDRANT_PLACEMENT: "sk-secret" }, "QDRANT_PLACEMENT"],
    [{ QDRANT_URL: URL, CONTEXT_STORE: "sk-secret" }, "CONTEXT_STORE"],
  ])("is refused by the variable's name, never by its value: %j", (env, name) => {
    const read = readQdrantSettings(env);
    expect(read).toMatchObject({
      ok: false,
      refusal: { code: "not_configured", detail: expect.stringContaining(name) },
    });
    expect(JSON.stringify(read)).not.toContain("sk-secret");
  });

  test("decides which hand agents use, and which can only be moved from", () => {
    const embedded = exactContexts();
    const qdrant = { url: URL, apiKey: null, placement: "shared", active: true } as const;
    expect(contextStoreFrom(null, embedded)).toBe(embedded);
    expect(contextStoreFrom({ ...qdrant, active: false }, embedded)).toBe(embedded);
    expect(contextStoreFrom(qdrant, embedded).backend).toBe("qdrant");
    expect(contextPlace(null, embedded, "embedded")).toMatchObject({ active: true });
    expect(contextPlace(null, embedded, "shared")).toBeNull();
    expect(contextPlace(qdrant, embedded, "embedded")).toMatchObject({ active: false });
    expect(contextPlace(qdrant, embedded, "shared")).toMatchObject({ active: true });
    expect(contextPlace(qdrant, embedded, "dedicated")).toMatchObject({ active: false });
    expect(contextPlace({ ...qdrant, active: false }, embedded, "shared")).toMatchObject({ active: false });
  });
});
