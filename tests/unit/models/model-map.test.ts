import { describe, expect, test } from "vitest";
import { parseModels } from "#adapters/models/model-map.ts";

const tiers = (text: string) => {
  const parsed = parseModels(text);
  if (!parsed.ok) throw new Error(parsed.refusal.detail);
  return parsed.value.tiers;
};

describe("MODELS", () => {
  test("names one model for all tiers", () => {
    expect(new Set(Object.values(tiers("qwen3:8b")))).toEqual(new Set(["qwen3:8b"]));
  });

  test("gives an unnamed tier its nearest relative's model", () => {
    expect(tiers("fast=gpt-4o-mini,smart=gpt-4o")).toEqual({
      fast: "gpt-4o-mini",
      "local-fast": "gpt-4o-mini",
      smart: "gpt-4o",
      "local-smart": "gpt-4o",
      "cloud-smart": "gpt-4o",
    });
    expect(tiers(" local-smart = a , cloud-smart=b ")).toMatchObject({ smart: "b", "local-fast": "a", fast: "a" });
  });

  test.each(["", "fast", "smart=a"])("%j reads or is refused, but never throws", (text) => {
    expect(parseModels(text).ok).toBe(text !== "");
  });

  test.each(["quick=a", "fast=", "=a", "fast=a,fast=b", "fast=a,b", "a b", "fast=a=b"])("refuses %j", (text) => {
    expect(parseModels(text)).toMatchObject({
      ok: false,
      refusal: { code: "not_configured", detail: expect.stringContaining("MODELS") },
    });
  });
});
