// Accounts through the front door: registration, sign-in, rotation, sign-out, keys.
import { env } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import { REFRESH_GRACE_MS } from "#domain/auth/refresh.ts";
import { ask, newEmail, PASSWORD, register } from "#tests/support/workerd/api.ts";

const refresh = (refresh_token: string) => ask("/api/v1/auth/refresh", { body: { refresh_token } });

describe("registration", () => {
  test("makes a user with a default project and four agents, signed in", async () => {
    const person = await register();
    expect(person.tokens.token_type).toBe("Bearer");
    const me = await ask("/api/v1/auth/me", { token: person.token });
    expect(me.json).toEqual({ id: person.id, email: person.email, tier: "free", default_project_id: person.projectId });
    const agents = await ask("/my/agents", { token: person.token });
    expect(agents.json.items.map((agent: { name: string }) => agent.name).sort()).toEqual([
      "Architect",
      "CodeAssistant",
      "DataAnalyst",
      "Orchestrator",
    ]);
  });

  test("refuses an e-mail that has an account, whatever its case, and leaves nothing behind", async () => {
    const { email } = await register();
    const count = async () => (await env.DB.prepare("SELECT count(*) AS n FROM projects").first<{ n: number }>())?.n;
    const before = await count();
    const again = await ask("/api/v1/auth/register", { body: { email: email.toUpperCase(), password: PASSWORD } });
    expect(again.status).toBe(409);
    expect(again.json.code).toBe("email_taken");
    expect(await count()).toBe(before);
  });

  test("ten at once for one e-mail make one account", async () => {
    const email = newEmail();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => ask("/api/v1/auth/register", { body: { email, password: PASSWORD } })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
  });

  test("names every field that does not fit, and repeats no value", async () => {
    const { status, json, text } = await ask("/api/v1/auth/register", {
      body: { email: "nobody", password: "short77" },
    });
    expect(status).toBe(422);
    expect(json.errors.map(({ path }: { path: string }) => path).sort()).toEqual(["json.email", "json.password"]);
    expect(text).not.toContain("short77");
  });

  test("keeps no password and no token in clear", async () => {
    const person = await register();
    const rows = await env.DB.prepare("SELECT * FROM users WHERE id = ?").bind(person.id).all();
    const tokens = await env.DB.prepare("SELECT * FROM refresh_tokens").all();
    const stored = JSON.stringify([rows.results, tokens.results]);
    expect(stored).not.toContain(PASSWORD);
    expect(stored).not.toContain(person.tokens.refresh_token);
    expect(stored).toContain("scrypt$");
  });
});

describe("sign-in", () => {
  test("succeeds with the right password and any case of the e-mail", async () => {
    const { email } = await register();
    expect((await ask("/api/v1/auth/login", { body: { email: email.toUpperCase(), password: PASSWORD } })).status).toBe(
      200,
    );
  });

  test("answers an unknown e-mail and a wrong password with the same words", async () => {
    const { email } = await register();
    const wrong = await ask("/api/v1/auth/login", { body: { email, password: "wrong horse battery" } });
    const unknown = await ask("/api/v1/auth/login", { body: { email: newEmail(), password: "wrong horse battery" } });
    expect(wrong.status).toBe(401);
    const { request_id: a, ...first } = wrong.json;
    const { request_id: b, ...second } = unknown.json;
    expect(first).toEqual(second);
    expect(a).not.toBe(b);
    expect(first.code).toBe("invalid_credentials");
  });

  test("refuses malformed JSON, another media type and an oversized body, each by its name", async () => {
    const path = "/api/v1/auth/login";
    expect((await ask(path, { raw: "{not json" })).json).toMatchObject({ status: 400, code: "malformed_json" });
    expect((await ask(path, { raw: "a=b", headers: { "content-type": "text/plain" } })).json).toMatchObject({
      status: 415,
      code: "unsupported_media_type",
    });
    expect((await ask(path, { raw: JSON.stringify({ email: "x".repeat(20_000) }) })).json).toMatchObject({
      status: 413,
      code: "body_too_large",
    });
  });
});

describe("rotation", () => {
  test("fifty refreshes at once receive one and the same successor, and the family lives", async () => {
    const { tokens } = await register();
    const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(tokens.refresh_token)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const successors = new Set(answers.map(({ json }) => json.refresh_token));
    expect(successors.size).toBe(1);
    const [next = ""] = successors;
    expect(next).not.toBe(tokens.refresh_token);
    expect((await refresh(next)).status).toBe(200);
  });

  test("a token whose successor was already used revokes the family, access tokens and all", async () => {
    const { tokens, token } = await register();
    const second = (await refresh(tokens.refresh_token)).json;
    const third = (await refresh(second.refresh_token)).json;
    const reused = await refresh(tokens.refresh_token);
    expect(reused.status).toBe(401);
    expect(reused.json.code).toBe("refresh_reused");
    expect((await refresh(third.refresh_token)).json.code).toBe("refresh_invalid");
    for (const access of [token, second.access_token, third.access_token]) {
      expect((await ask("/api/v1/auth/me", { token: access })).status).toBe(401);
    }
  });

  test("a token that comes back after the grace revokes the family", async () => {
    const { tokens } = await register();
    const next = (await refresh(tokens.refresh_token)).json;
    await env.DB.prepare("UPDATE refresh_tokens SET spent_at = spent_at - ? WHERE spent_at IS NOT NULL")
      .bind(REFRESH_GRACE_MS + 1)
      .run();
    expect((await refresh(tokens.refresh_token)).json.code).toBe("refresh_reused");
    expect((await refresh(next.refresh_token)).json.code).toBe("refresh_invalid");
  });

  test("a token that was never issued, or has run out, is invalid", async () => {
    expect((await refresh("rrt_never")).json.code).toBe("refresh_invalid");
    const { tokens } = await register();
    await env.DB.prepare("UPDATE refresh_tokens SET expires_at = 1").run();
    expect((await refresh(tokens.refresh_token)).json.code).toBe("refresh_invalid");
  });
});

describe("sign-out", () => {
  test("ends this sign-in at once and no other", async () => {
    const person = await register();
    const other = (await ask("/api/v1/auth/login", { body: { email: person.email, password: PASSWORD } })).json;
    expect((await ask("/api/v1/auth/logout", { method: "POST", token: person.token })).json).toEqual({ ok: true });
    expect((await ask("/api/v1/auth/me", { token: person.token })).status).toBe(401);
    expect((await refresh(person.tokens.refresh_token)).json.code).toBe("refresh_invalid");
    expect((await ask("/api/v1/auth/me", { token: other.access_token })).status).toBe(200);
  });
});

describe("sign-out everywhere", () => {
  test("ends every sign-in of the account at once, leaves keys alone, and touches nobody else", async () => {
    const [person, stranger] = [await register(), await register()];
    const other = (await ask("/api/v1/auth/login", { body: { email: person.email, password: PASSWORD } })).json;
    const key = (await ask("/api/v1/auth/keys", { token: person.token, body: { name: "k", scopes: ["read"] } })).json
      .key;
    const out = await ask("/api/v1/auth/logout?everywhere=true", { method: "POST", token: person.token });
    expect(out.json).toEqual({ ok: true });
    for (const token of [person.token, other.access_token])
      expect((await ask("/api/v1/auth/me", { token })).status).toBe(401);
    for (const token of [person.tokens.refresh_token, other.refresh_token])
      expect((await refresh(token)).json.code).toBe("refresh_invalid");
    expect((await ask("/my/projects", { token: key })).status).toBe(200);
    expect((await ask("/api/v1/auth/me", { token: stranger.token })).status).toBe(200);
    const again = await ask("/api/v1/auth/login", { body: { email: person.email, password: PASSWORD } });
    expect((await ask("/api/v1/auth/me", { token: again.json.access_token })).status).toBe(200);
  });
});

describe("API keys", () => {
  const make = (token: string, body: object) => ask("/api/v1/auth/keys", { token, body });

  test("work as bearers within their scopes, are listed without their secret, and end when revoked", async () => {
    const { token } = await register();
    const made = await make(token, { name: "report", scopes: ["read"] });
    expect(made.status).toBe(201);
    expect((await ask("/my/projects", { token: made.json.key })).status).toBe(200);
    expect((await ask("/my/projects", { token: made.json.key, body: { name: "No" } })).json.code).toBe(
      "insufficient_scope",
    );
    const listed = await ask("/api/v1/auth/keys", { token });
    expect(listed.text).not.toContain(made.json.key);
    expect(listed.json.items).toHaveLength(1);
    expect((await ask(`/api/v1/auth/keys/${made.json.id}`, { method: "DELETE", token })).status).toBe(200);
    expect((await ask("/my/projects", { token: made.json.key })).status).toBe(401);
  });

  test("cannot make a key stronger than themselves", async () => {
    const { token } = await register();
    const { key } = (await make(token, { name: "keeper", scopes: ["account"] })).json;
    expect((await make(key, { name: "stronger", scopes: ["manage"] })).json.code).toBe("insufficient_scope");
  });

  test("end by themselves", async () => {
    const { token } = await register();
    const { key } = (await make(token, { name: "short", scopes: ["read"], expires_in_days: 1 })).json;
    expect((await ask("/my/projects", { token: key })).status).toBe(200);
    await env.DB.prepare("UPDATE api_keys SET expires_at = 1").run();
    expect((await ask("/my/projects", { token: key })).status).toBe(401);
  });

  test("of another user cannot be revoked, and answer like one that never was", async () => {
    const [ada, eve] = [await register(), await register()];
    const { id } = (await make(ada.token, { name: "hers", scopes: ["read"] })).json;
    const foreign = await ask(`/api/v1/auth/keys/${id}`, { method: "DELETE", token: eve.token });
    const never = await ask("/api/v1/auth/keys/key_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3", { method: "DELETE", token: eve.token });
    expect({ ...foreign.json, request_id: "" }).toEqual({ ...never.json, request_id: "" });
    expect(foreign.status).toBe(404);
  });
});

test("nothing of a sign-in reaches the log", async () => {
  const lines: string[] = [];
  for (const level of ["log", "warn", "error"] as const)
    vi.spyOn(console, level).mockImplementation((...said) => void lines.push(said.join(" ")));
  const { email } = await register();
  await ask("/api/v1/auth/login", { body: { email, password: "a wrong secret 1234" } });
  await ask("/my/agents/agt_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3", { token: (await register()).token });
  vi.restoreAllMocks();
  const all = lines.join("\n");
  expect(all).toContain("isolation_violation");
  for (const secret of [PASSWORD, "a wrong secret 1234", email]) expect(all).not.toContain(secret);
});
