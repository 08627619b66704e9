// Idempotency and rates at the doors.
import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { ask, newEmail, PASSWORD, register } from "#tests/support/workerd/api.ts";
import { stopClock } from "#tests/support/workerd/stop-clock.ts";
import { app } from "#workers/app.ts";

describe("an Idempotency-Key", () => {
  const make = (token: string, name: string, key: string, path = "/my/projects") =>
    ask(path, { token, body: { name }, headers: { "idempotency-key": key } });

  test("makes ten requests at once one deed with one answer", async () => {
    const { token } = await register();
    const answers = await Promise.all(Array.from({ length: 10 }, () => make(token, "Once", "k1")));
    const done = answers.filter(({ status }) => status === 201);
    expect(new Set(done.map(({ json }) => json.id)).size).toBe(1);
    expect(new Set(answers.filter(({ status }) => status !== 201).map(({ json }) => json.code))).toEqual(
      new Set(answers.length === done.length ? [] : ["idempotency_in_progress"]),
    );
    expect((await ask("/my/projects", { token })).json.items).toHaveLength(2);
  });

  test("replays the first answer whole, refusals too, and refuses another request", async () => {
    const { token } = await register();
    const first = await make(token, "Mine", "k2");
    const again = await make(token, "Mine", "k2", "/my/projects/");
    expect(again.text).toBe(first.text);
    expect(again.status).toBe(201);
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    expect(again.headers.get("content-type")).toBe(first.headers.get("content-type"));
    expect(again.headers.get("x-request-id")).not.toBe(first.headers.get("x-request-id"));
    expect(again.headers.has("ratelimit")).toBe(true);
    expect((await make(token, "Other", "k2")).json).toMatchObject({ status: 422, code: "idempotency_mismatch" });
    expect((await make(token, "mine", "k3")).json.code).toBe("name_taken");
    expect((await make(token, "mine", "k3")).headers.get("idempotency-replayed")).toBe("true");
  });

  test("belongs to its user, and to the strength of the credential", async () => {
    const [ada, eve] = [await register(), await register()];
    await make(ada.token, "Hers", "k4");
    expect((await make(eve.token, "Hers", "k4")).headers.get("idempotency-replayed")).toBeNull();
    const body = { name: "strong", scopes: ["account"] };
    const made = await ask("/api/v1/auth/keys", { token: ada.token, body, headers: { "idempotency-key": "k5" } });
    const weak = (await ask("/api/v1/auth/keys", { token: ada.token, body: { name: "weak", scopes: ["read"] } })).json
      .key;
    const stolen = await ask("/api/v1/auth/keys", { token: weak, body, headers: { "idempotency-key": "k5" } });
    expect(stolen.text).not.toContain(made.json.key);
    expect(stolen.json.code).toBe("idempotency_mismatch");
  });

  test("must be 1 to 255 visible characters", async () => {
    const { token } = await register();
    for (const key of ["with space", "x".repeat(256), "ünïcode"])
      expect((await make(token, "No", encodeKey(key))).json.code, key).toBe("invalid_request");
  });
});

/** Header values travel as bytes. */
const encodeKey = (key: string): string => key.replaceAll(/[^ -~]/g, "\xff");

describe("the rate of a known caller", () => {
  test("is told on every answer, also on an error", async () => {
    const { token } = await register();
    for (const path of ["/my/projects", "/my/chat/room_01K9Z8Q3T5E6R7Y8V9W0X1Z2A3"]) {
      const { headers } = await ask(path, { token });
      expect(headers.get("ratelimit-policy")).toBe('"personal";q=100000;w=60');
      expect(headers.get("ratelimit")).toMatch(/^"personal";r=\d+;t=\d+$/);
    }
  });

  test("can be switched off", async () => {
    const { token } = await register();
    const free = { ...env, RATE_LIMIT_PER_MINUTE: "0" };
    const response = await app.request(
      "/my/projects",
      { headers: { authorization: `Bearer ${token}` } },
      free,
      createExecutionContext(),
    );
    expect(response.status).toBe(200);
    expect(response.headers.get("ratelimit")).toBeNull();
  });

  test("under /api depends on the tier, elsewhere it does not", async () => {
    const { token } = await register();
    const house = { ...env, RATE_LIMIT_PER_MINUTE: "" };
    const policy = async (path: string) =>
      (
        await app.request(path, { headers: { authorization: `Bearer ${token}` } }, house, createExecutionContext())
      ).headers.get("ratelimit-policy");
    expect(await policy("/api/v1/auth/me")).toBe('"api";q=20;w=60');
    expect(await policy("/my/projects")).toBe('"personal";q=100;w=60');
  });

  test("is not used up by an engine that runs wild: its owner still stops it", async () => {
    stopClock();
    const { token } = await register();
    const grant = { name: "wild", principal: "service:wild", scopes: ["read"], ttl_seconds: 600 };
    const engine = (await ask("/v1/capabilities", { token, body: grant })).json;
    const narrow = { ...env, RATE_LIMIT_PER_MINUTE: "20" };
    const knock = (credential: string, path: string, method = "GET") =>
      app.request(
        path,
        { method, headers: { authorization: `Bearer ${credential}` } },
        narrow,
        createExecutionContext(),
      );
    const answers = await Promise.all(Array.from({ length: 60 }, () => knock(engine.token, "/v1/rooms")));
    expect(answers.some(({ status }) => status === 429)).toBe(true);
    expect((await knock(token, "/v1/rooms")).status).toBe(200);
    expect((await knock(token, `/v1/capabilities/${engine.id}`, "DELETE")).status).toBe(200);
    expect((await knock(engine.token, "/v1/rooms")).status).toBe(401);
  });
});

describe("the rate of strangers", () => {
  beforeEach(stopClock);

  const strict = (bindings: object = {}) => ({ ...env, AUTH_RATE_LIMIT_PER_MINUTE: "3", ...bindings });
  const login = (from: string, email: string, bindings: object) =>
    app.request(
      "/api/v1/auth/login",
      {
        method: "POST",
        headers: { "content-type": "application/json", "cf-connecting-ip": from },
        body: JSON.stringify({ email, password: "wrong horse battery" }),
      },
      bindings,
      createExecutionContext(),
    );

  test("is counted by address, an IPv6 household as one", async () => {
    const bindings = strict();
    const codes = [];
    for (let n = 1; n <= 4; n += 1) codes.push((await login(`2001:db8:1:2::${n}`, newEmail(), bindings)).status);
    expect(codes).toEqual([401, 401, 401, 429]);
    expect((await login("2001:db8:1:3::1", newEmail(), bindings)).status).toBe(401);
  });

  test("is counted by account, from wherever it comes, and the right password does not open it either", async () => {
    const bindings = strict();
    const { email } = await register();
    for (let n = 1; n <= 3; n += 1) expect((await login(`192.0.2.${n}`, email, bindings)).status).toBe(401);
    const response = await login("192.0.2.99", email.toUpperCase(), bindings);
    expect(response.status).toBe(429);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  test("is not counted against an account once its address is refused, and leaves no row behind", async () => {
    const bindings = strict();
    const { email } = await register();
    const rows = async () =>
      (await env.DB.prepare("SELECT count(*) AS n FROM throttles").first<{ n: number }>())?.n ?? 0;
    for (let n = 1; n <= 3; n += 1) await login("198.51.100.7", newEmail(), bindings);
    const before = await rows();
    for (let n = 1; n <= 3; n += 1) expect((await login("198.51.100.7", email, bindings)).status).toBe(429);
    for (let n = 1; n <= 3; n += 1) expect((await login("198.51.100.7", newEmail(), bindings)).status).toBe(429);
    expect(await rows()).toBe(before);
    expect((await login("198.51.100.8", email, bindings)).status).toBe(401);
  });

  test("closes the door when it cannot be counted", async () => {
    const unreachable = strict({ UPSTASH_REDIS_REST_URL: "http://127.0.0.1:9", UPSTASH_REDIS_REST_TOKEN: "none" });
    const body = JSON.stringify({ email: newEmail(), password: PASSWORD });
    const init = { method: "POST", headers: { "content-type": "application/json" }, body };
    for (const door of ["register", "login"]) {
      const response = await app.request(`/api/v1/auth/${door}`, init, unreachable, createExecutionContext());
      expect(response.status).toBe(503);
      expect(await response.json()).toMatchObject({ code: "short_state_unavailable" });
    }
  });
});

describe("a known caller, when Redis cannot be reached,", () => {
  test("is let in uncounted, and the log says so without a credential", async () => {
    const { token } = await register();
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    onTestFinished(() => warned.mockRestore());
    const bindings = { ...env, UPSTASH_REDIS_REST_URL: "http://127.0.0.1:9", UPSTASH_REDIS_REST_TOKEN: "the-secret" };
    const init = { headers: { authorization: `Bearer ${token}` } };
    const response = await app.request("/my/projects", init, bindings, createExecutionContext());
    expect(response.status).toBe(200);
    const lines = warned.mock.calls.map(([line]) => JSON.parse(String(line)));
    expect(lines).toContainEqual(expect.objectContaining({ event: "without_redis", error_name: "RedisUnavailable" }));
    expect(JSON.stringify(lines)).not.toContain("the-secret");
    expect(JSON.stringify(lines)).not.toContain(token);
  });
});
