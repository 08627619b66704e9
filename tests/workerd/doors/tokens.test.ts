// Access tokens at the door: everything that is not exactly one of ours is refused, and keys can be rotated.
import { env } from "cloudflare:workers";
import { type JWTPayload, SignJWT } from "jose";
import { expect, test } from "vitest";
import { mintId } from "#adapters/ids.ts";
import { accessTokens } from "#adapters/jwt.ts";
import { ask, register } from "#tests/support/workerd/api.ts";
import { app } from "#workers/app.ts";
import { readConfig } from "#workers/config.ts";

const settings = () => {
  const config = readConfig({ ...env });
  if (!config.ok) throw new Error(config.refusal.detail);
  return config.value.auth;
};

const good = (userId: string): JWTPayload => {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: "retinue",
    aud: "retinue-api",
    sub: userId,
    sid: mintId("session"),
    tier: "free",
    jti: crypto.randomUUID(),
    iat: now,
    exp: now + 300,
  };
};

const signed = (
  claims: JWTPayload,
  header: { alg?: string; typ?: string; kid?: string } = {},
  secret = settings().keys[0].secret,
) =>
  new SignJWT({ ...claims })
    .setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid: settings().keys[0].kid, ...header })
    .sign(secret);

const without = (claims: JWTPayload, name: string): JWTPayload =>
  Object.fromEntries(Object.entries(claims).filter(([claim]) => claim !== name));

const statusOf = async (token: string) => (await ask("/api/v1/auth/me", { token })).status;

test("a token with everything right is let in", async () => {
  const { id } = await register();
  expect(await statusOf(await signed(good(id)))).toBe(200);
});

test("a forged, stripped, misaddressed or expired token is refused with the same answer as none", async () => {
  const { id } = await register();
  const claims = good(id);
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const forgeries: Record<string, string> = {
    "alg none": `${encode({ alg: "none", typ: "at+jwt" })}.${encode(claims)}.`,
    "alg none, signed": `${encode({ alg: "none", typ: "at+jwt", kid: "test-1" })}.${encode(claims)}.AAAA`,
    "another algorithm of the family": await signed(claims, { alg: "HS512" }, new Uint8Array(64).fill(7)),
    "a plain JWT": await signed(claims, { typ: "JWT" }),
    "an unknown kid": await signed(claims, { kid: "other" }),
    "a foreign secret": await signed(claims, {}, new Uint8Array(32).fill(7)),
    "another issuer": await signed({ ...claims, iss: "https://evil.example" }),
    "another audience": await signed({ ...claims, aud: "someone-else" }),
    expired: await signed({ ...claims, exp: Math.floor(Date.now() / 1000) - 1 }),
    "not yet valid": await signed({ ...claims, nbf: Math.floor(Date.now() / 1000) + 60 }),
    "a subject that is no user": await signed({ ...claims, sub: "admin" }),
    "a user that never was": await signed({ ...claims, sub: mintId("user") }),
    ...Object.fromEntries(
      await Promise.all(
        ["exp", "jti", "sub", "iat", "sid", "iss", "aud"].map(
          async (name) => [`no ${name}`, await signed(without(claims, name))] as const,
        ),
      ),
    ),
  };
  const { request_id: _, ...none } = (await ask("/api/v1/auth/me")).json;
  for (const [what, token] of Object.entries(forgeries)) {
    const { request_id: __, ...answer } = (await ask("/api/v1/auth/me", { token })).json;
    expect(answer, what).toEqual(none);
  }
});

test("a key that no longer signs still verifies; a key that was removed does not", async () => {
  const { id } = await register();
  const [current] = settings().keys;
  const next = { kid: "test-2", secret: new Uint8Array(32).fill(9) };
  const old = await signed(good(id));
  const ring = (...keys: [typeof current, ...(typeof current)[]]) => accessTokens({ ...settings(), keys }, Date.now);
  expect(await ring(next, current).verify(old)).toMatchObject({ userId: id });
  expect(await ring(next).verify(old)).toBeNull();
  const { token } = await ring(next, current).issue({ id, tier: "free" }, mintId("session"));
  expect(await ring(current, next).verify(token)).toMatchObject({ userId: id });
});

test("without AUTH_KEYS every door that needs them says so, and health works", async () => {
  const bare = { ...env, AUTH_KEYS: "" };
  const knock = (path: string, init?: RequestInit) => app.request(path, init, bare);
  expect((await knock("/api/v1/health")).status).toBe(200);
  expect((await knock("/my/openapi.json")).status).toBe(200);
  const login = { method: "POST", body: "{}", headers: { "content-type": "application/json" } };
  for (const response of [await knock("/my/projects"), await knock("/api/v1/auth/login", login)]) {
    expect(response.status).toBe(503);
    const body = await response.json<{ code: string; detail: string }>();
    expect(body.code).toBe("not_configured");
    expect(body.detail).toContain("AUTH_KEYS");
  }
});

test("a bad setting is named without its value", async () => {
  const secret = "dG9vLXNob3J0LXNlY3JldA";
  const problem = readConfig({ AUTH_KEYS: JSON.stringify([{ kid: "a", secret }]), RATE_LIMIT_PER_MINUTE: "many" });
  expect(problem.ok).toBe(false);
  if (problem.ok) return;
  expect(problem.refusal.detail).toContain("AUTH_KEYS.0.secret must be 32 bytes or more");
  expect(problem.refusal.detail).toContain("RATE_LIMIT_PER_MINUTE");
  expect(problem.refusal.detail).not.toContain(secret);
});
