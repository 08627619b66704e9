// Tokens of other issuers, against a real JWKS endpoint: only configured issuers, only asymmetric algorithms, every claim.
import { createServer } from "node:http";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessTokens, type TokenSettings } from "#adapters/jwt.ts";
import { type Listening, onLoopback } from "#tests/doubles/on-loopback.ts";

const ISSUER = "https://issuer.example/";
const pair = await generateKeyPair("RS256", { extractable: true });
const publicJwk = { ...(await exportJWK(pair.publicKey)), kid: "rsa-1", use: "sig", alg: "RS256" };

let jwks: Listening;
let settings: TokenSettings;

beforeAll(async () => {
  const server = createServer((_, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ keys: [publicJwk] }));
  });
  jwks = await onLoopback(server);
  settings = {
    keys: [{ kid: "own", secret: new Uint8Array(32).fill(1) }],
    issuer: "retinue",
    audience: "retinue-api",
    externals: [
      {
        issuer: ISSUER,
        audience: "retinue-ext",
        jwksUrl: `${jwks.url}/jwks`,
        algorithms: ["RS256"],
        typ: "at+jwt",
      },
    ],
  };
});
afterAll(() => jwks.close());

const now = () => Math.floor(Date.now() / 1000);
const claims = () => ({
  iss: ISSUER,
  aud: "retinue-ext",
  sub: "auth0|ada",
  jti: crypto.randomUUID(),
  iat: now(),
  exp: now() + 300,
});
const verify = (token: string) => accessTokens(settings, Date.now).verify(token);
const sign = (payload: Record<string, unknown>, header: Record<string, string> = {}) =>
  new SignJWT(payload)
    .setProtectedHeader({ alg: "RS256", typ: "at+jwt", kid: "rsa-1", ...header })
    .sign(pair.privateKey);

test("a token of a configured issuer is proven by its public key", async () => {
  expect(await verify(await sign(claims()))).toMatchObject({ kind: "external", issuer: ISSUER, subject: "auth0|ada" });
});

test("its public key is no secret: a token signed with it by HS256 is refused", async () => {
  const asSecret = new TextEncoder().encode(JSON.stringify(publicJwk));
  for (const kid of ["rsa-1", "own"]) {
    const forged = await new SignJWT(claims()).setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid }).sign(asSecret);
    expect(await verify(forged)).toBeNull();
  }
});

test("our own secret does not sign for another issuer, nor its key for us", async () => {
  const ours = await new SignJWT(claims())
    .setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid: "own" })
    .sign(settings.keys[0].secret);
  expect(await verify(ours)).toBeNull();
  expect(await verify(await sign({ ...claims(), iss: "retinue", aud: "retinue-api" }))).toBeNull();
});

test("an unknown issuer, another audience or type, and a missing claim are refused", async () => {
  expect(await verify(await sign({ ...claims(), iss: "https://other.example/" }))).toBeNull();
  expect(await verify(await sign({ ...claims(), aud: "retinue-api" }))).toBeNull();
  expect(await verify(await sign(claims(), { typ: "JWT" }))).toBeNull();
  expect(await verify(await sign({ ...claims(), exp: now() - 1 }))).toBeNull();
  for (const name of ["exp", "iat", "jti", "sub"]) {
    const rest = Object.fromEntries(Object.entries(claims()).filter(([claim]) => claim !== name));
    expect(await verify(await sign(rest)), name).toBeNull();
  }
});
