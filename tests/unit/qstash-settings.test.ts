// QStash's settings: all of them or none, and a public address that is one.
import { describe, expect, it } from "vitest";
import { readConfig } from "#workers/config.ts";

const AUTH_KEYS = JSON.stringify([{ kid: "k", secret: "dGVzdC1zZWNyZXQtdGVzdC1zZWNyZXQtdGVzdC1zZWNyZXQ" }]);
const WHOLE = {
  PUBLIC_URL: "https://retinue.example.com/",
  QSTASH_TOKEN: "token",
  QSTASH_CURRENT_SIGNING_KEY: "sig_a",
  QSTASH_NEXT_SIGNING_KEY: "sig_b",
};
const read = (env: Record<string, string>) => readConfig({ AUTH_KEYS, ...env });
const qstashIn = (env: Record<string, string>) => {
  const config = read(env);
  if (!config.ok) throw new Error(config.refusal.detail);
  return config.value.qstash;
};

describe("QStash's settings", () => {
  it("name our door exactly as it is signed, and QStash's own address unless told otherwise", () => {
    expect(qstashIn(WHOLE)).toEqual({
      baseUrl: "https://qstash.upstash.io",
      token: "token",
      currentKey: "sig_a",
      nextKey: "sig_b",
      callbackUrl: "https://retinue.example.com/v1/callbacks/qstash",
    });
    expect(qstashIn({ ...WHOLE, QSTASH_URL: "https://eu.example.com" })?.baseUrl).toBe("https://eu.example.com");
    expect(qstashIn({ ...WHOLE, PUBLIC_URL: "http://127.0.0.1:8787" })?.callbackUrl).toBe(
      "http://127.0.0.1:8787/v1/callbacks/qstash",
    );
  });

  it("may all be absent; a public address alone, or one left empty, switches nothing on", () => {
    expect(qstashIn({})).toBeNull();
    expect(qstashIn({ PUBLIC_URL: WHOLE.PUBLIC_URL })).toBeNull();
    expect(qstashIn({ PUBLIC_URL: WHOLE.PUBLIC_URL, QSTASH_TOKEN: "", QSTASH_NEXT_SIGNING_KEY: "" })).toBeNull();
  });

  it.each(Object.keys(WHOLE))("are refused without %s, by its name and without any value", (missing) => {
    const config = read({ ...WHOLE, [missing]: "" });
    const detail = config.ok ? "" : (config.refusal.detail ?? "");
    expect(config).toMatchObject({ ok: false, refusal: { code: "not_configured" } });
    expect(detail).toContain(`${missing} is needed where QStash is configured`);
    expect(detail).not.toMatch(/sig_|token/);
  });

  it.each([
    "http://retinue.example.com",
    "ftp://retinue.example.com",
    "retinue.example.com",
    "https://retinue.example.com/?x=1",
    "https://retinue.example.com/#top",
  ])("refuse the public address %s", (address) => {
    expect(read({ ...WHOLE, PUBLIC_URL: address })).toMatchObject({ ok: false, refusal: { code: "not_configured" } });
  });
});
