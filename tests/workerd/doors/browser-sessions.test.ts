// Browsers' sessions: the refresh token lives in a cookie that no script reads, and no other site's page can use it or plant one.
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { REFRESH_GRACE_MS } from "#domain/auth/refresh.ts";
import { type Answer, ask, newEmail, PASSWORD, register } from "#tests/support/workerd/api.ts";

const AUTH = "/api/v1/auth";
const OWN = { "x-retinue-client": "console", "sec-fetch-site": "same-origin", origin: "https://retinue.test" };
const NAME = "__Secure-retinue_refresh";

const kept = (answer: Answer): string => /^[^=]+=([^;]*)/.exec(answer.headers.get("set-cookie") ?? "")?.[1] ?? "";
const signUp = (email = newEmail()) =>
  ask(`${AUTH}/register`, { body: { email, password: PASSWORD, cookie: true }, headers: OWN });
const renew = (token: string, headers: Record<string, string> = OWN) =>
  ask(`${AUTH}/refresh`, { body: {}, headers: { ...headers, cookie: `${NAME}=${token}` } });

describe("a browser that signs in", () => {
  test("gets the refresh token in a cookie no script reads, and in the answer only the access token", async () => {
    const email = newEmail();
    const login = { email, password: PASSWORD, cookie: true };
    for (const answer of [await signUp(email), await ask(`${AUTH}/login`, { body: login, headers: OWN })]) {
      expect(answer.json).toEqual({
        access_token: expect.any(String),
        expires_at: expect.any(Number),
        token_type: "Bearer",
      });
      const cookie = answer.headers.get("set-cookie") ?? "";
      expect(cookie.startsWith(`${NAME}=rrt_`)).toBe(true);
      for (const attribute of ["HttpOnly", "Secure", "SameSite=Strict", "Path=/api/v1/auth", "Max-Age=2592000"])
        expect(cookie.split("; ")).toContain(attribute);
      expect(cookie).not.toContain("Domain");
    }
  });

  test("renews with the cookie alone, and the cookie moves on", async () => {
    const first = await signUp();
    const second = await renew(kept(first));
    expect(second.status).toBe(200);
    expect(second.json.refresh_token).toBeUndefined();
    expect(kept(second)).toMatch(/^rrt_/);
    expect(kept(second)).not.toBe(kept(first));
    expect((await ask(`${AUTH}/me`, { token: second.json.access_token })).status).toBe(200);
  });

  test("with several tabs that renew at once, has one and the same successor in all of them", async () => {
    const first = kept(await signUp());
    const answers = await Promise.all(Array.from({ length: 8 }, () => renew(first)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
    expect(new Set(answers.map(kept)).size).toBe(1);
  });

  test("loses the family when the cookie is one that was spent, and is told to forget it", async () => {
    const first = await signUp();
    const second = await renew(kept(first));
    await env.DB.prepare("UPDATE refresh_tokens SET spent_at = spent_at - ? WHERE spent_at IS NOT NULL")
      .bind(REFRESH_GRACE_MS + 1)
      .run();
    const again = await renew(kept(first));
    expect(again.json.code).toBe("refresh_reused");
    expect(again.headers.get("set-cookie")).toMatch(/Max-Age=0/);
    expect((await renew(kept(second))).json.code).toBe("refresh_invalid");
    expect((await ask(`${AUTH}/me`, { token: second.json.access_token })).status).toBe(401);
  });

  test("signs out: the cookie goes, and so does the session", async () => {
    const first = await signUp();
    const out = await ask(`${AUTH}/logout`, {
      method: "POST",
      token: first.json.access_token,
      headers: { cookie: `${NAME}=${kept(first)}` },
    });
    expect(out.status).toBe(200);
    expect(out.headers.get("set-cookie")).toMatch(/Max-Age=0.*Path=\/api\/v1\/auth|Path=\/api\/v1\/auth.*Max-Age=0/);
    expect((await renew(kept(first))).json.code).toBe("refresh_invalid");
  });

  test("without a cookie is not signed in", async () => {
    const answer = await ask(`${AUTH}/refresh`, { body: {}, headers: OWN });
    expect(answer.json).toMatchObject({ status: 401, code: "refresh_invalid" });
  });
});

describe("another site's page", () => {
  const FOREIGN: Readonly<Record<string, Record<string, string>>> = {
    "from another site": { "sec-fetch-site": "cross-site", "x-retinue-client": "console" },
    "from another port of the same host": { "sec-fetch-site": "same-site", "x-retinue-client": "console" },
    "from an old browser elsewhere": { origin: "https://evil.example", "x-retinue-client": "console" },
    "that says nothing of where it is": { "x-retinue-client": "console" },
    "of our own origin, without our header": { "sec-fetch-site": "same-origin", origin: "https://retinue.test" },
  };

  test.each(Object.entries(FOREIGN))("%s neither uses a browser's session nor plants one", async (_, headers) => {
    const email = newEmail();
    const mine = await signUp(email);
    for (const answer of [
      await renew(kept(mine), headers),
      await ask(`${AUTH}/login`, { body: { email, password: PASSWORD, cookie: true }, headers }),
      await ask(`${AUTH}/register`, { body: { email: newEmail(), password: PASSWORD, cookie: true }, headers }),
    ]) {
      expect(answer.json).toMatchObject({ status: 403, code: "cross_site" });
      expect(answer.headers.get("set-cookie")).toBeNull();
    }
    // Nothing was spent: the browser goes on.
    expect((await renew(kept(mine))).status).toBe(200);
  });

  test("of an old browser that is our own is let in by its origin", async () => {
    const { "sec-fetch-site": _, ...old } = OWN;
    expect((await renew(kept(await signUp()), old)).status).toBe(200);
  });
});

test("a program that sends its own token gets its own back, and no cookie", async () => {
  const { tokens } = await register();
  const answer = await ask(`${AUTH}/refresh`, { body: { refresh_token: tokens.refresh_token } });
  expect(answer.json.refresh_token).toMatch(/^rrt_/);
  expect(answer.headers.get("set-cookie")).toBeNull();
});
