// A user of another token issuer: the account comes into being with the first request, once. The issuer's key server is
// the one thing outside; its answer is given here.
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterEach, expect, test, vi } from "vitest";
import { app } from "#workers/app.ts";

const ISSUER = "https://issuer.example/";
const pair = await generateKeyPair("ES256", { extractable: true });
const jwk = { ...(await exportJWK(pair.publicKey)), kid: "ec-1", alg: "ES256", use: "sig" };

const bindings = {
  ...env,
  AUTH_EXTERNAL_ISSUERS: JSON.stringify([
    { issuer: ISSUER, audience: "retinue", jwks_url: "https://issuer.example/jwks.json" },
  ]),
};

afterEach(() => vi.restoreAllMocks());

const tokenOf = (subject: string) =>
  new SignJWT({})
    .setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid: "ec-1" })
    .setIssuer(ISSUER)
    .setAudience("retinue")
    .setSubject(subject)
    .setJti(crypto.randomUUID())
    .setIssuedAt()
    .setExpirationTime("5m")
    .sign(pair.privateKey);

const get = async (path: string, token: string): Promise<Response> => {
  const context = createExecutionContext();
  const response = await app.request(path, { headers: { authorization: `Bearer ${token}` } }, bindings, context);
  await waitOnExecutionContext(context);
  return response;
};

test("ten first requests at once make one account with a ready project", async () => {
  const asked = vi.spyOn(globalThis, "fetch").mockImplementation(async () => Response.json({ keys: [jwk] }));
  const token = await tokenOf("auth0|grace");
  const answers = await Promise.all(Array.from({ length: 10 }, () => get("/api/v1/auth/me", token)));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
  const ids = new Set(await Promise.all(answers.map(async (answer) => (await answer.json<{ id: string }>()).id)));
  expect(ids.size).toBe(1);
  const agents = await (await get("/my/agents", token)).json<{ items: unknown[] }>();
  expect(agents.items).toHaveLength(4);
  for (const [url] of asked.mock.calls) expect(String(url)).toBe("https://issuer.example/jwks.json");
  const rows = await env.DB.prepare("SELECT email, issuer, subject FROM users WHERE subject = 'auth0|grace'").all();
  expect(rows.results).toEqual([{ email: null, issuer: ISSUER, subject: "auth0|grace" }]);
});

test("another subject of the same issuer is another user", async () => {
  vi.spyOn(globalThis, "fetch").mockImplementation(async () => Response.json({ keys: [jwk] }));
  const id = async (subject: string) =>
    (await (await get("/api/v1/auth/me", await tokenOf(subject))).json<{ id: string }>()).id;
  expect(await id("one")).not.toBe(await id("two"));
  expect(await id("one")).toBe(await id("one"));
});
