// The SDK over plain HTTP: refusals as typed errors, one renewal for many callers, one idempotency key over retries.
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { login, refresh } from "#client/sdk/accounts.ts";
import { ApiError, NoAnswer } from "#client/sdk/api-error.ts";
import { backoffDelay } from "#client/sdk/backoff.ts";
import { fixedToken, memoryStore, SignedIn } from "#client/sdk/credentials.ts";
import { Http } from "#client/sdk/http.ts";
import { Ok } from "#schema/api/common.ts";
import { onLoopback } from "#tests/doubles/on-loopback.ts";
import { problem, scriptedServer } from "./scripted-server.ts";

const tokens = (name: string) => ({
  access_token: `access-${name}`,
  refresh_token: `refresh-${name}`,
  expires_at: 1,
  token_type: "Bearer" as const,
});
const closedAddress = async (): Promise<string> => {
  const { url, close } = await onLoopback(createServer());
  await close();
  return url;
};
const OK = { body: { ok: true } };

describe("a refusal", () => {
  it("carries everything of the problem document", async () => {
    const { url } = await scriptedServer({
      http: () => problem(422, "invalid_request", "two fields", { errors: [{ path: "name", message: "too long" }] }),
    });
    const error = await new Http({ url }).call("GET", "/x", Ok).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      code: "invalid_request",
      status: 422,
      detail: "two fields",
      errors: [{ path: "name", message: "too long" }],
      requestId: "req-1",
    });
  });

  it("is typed also when the body is no problem document", async () => {
    const { url } = await scriptedServer({ http: () => (response) => response.writeHead(500).end("<html>oops") });
    await expect(new Http({ url }).call("GET", "/x", Ok)).rejects.toMatchObject({
      name: "ApiError",
      code: "http_500",
      status: 500,
    });
  });

  it("is told apart from no answer at all and from an answer of something else", async () => {
    const { url } = await scriptedServer({ http: () => ({ body: { hello: "world" } }) });
    await expect(new Http({ url }).call("GET", "/x", Ok)).rejects.toBeInstanceOf(NoAnswer);
    await expect(new Http({ url: await closedAddress() }).call("GET", "/x", Ok)).rejects.toThrow("ECONNREFUSED");
  });

  it("does not follow a redirect with the token", async () => {
    const other = await scriptedServer({ http: () => OK });
    const { url } = await scriptedServer({ http: () => ({ status: 302, headers: { location: other.url } }) });
    await expect(new Http({ url, credentials: fixedToken("t") }).call("GET", "/x", Ok)).rejects.toBeInstanceOf(
      ApiError,
    );
    expect(other.seen).toEqual([]);
  });
});

describe("renewal", () => {
  it("happens once for many calls that are refused at the same time, and each is sent again with its own key", async () => {
    let rotations = 0;
    const server = await scriptedServer({
      http: ({ path, headers }) => {
        if (path === "/api/v1/auth/refresh") {
          rotations++;
          return { body: tokens("new") };
        }
        return headers.authorization === "Bearer access-new" ? OK : problem(401, "unauthenticated");
      },
    });
    const open = new Http({ url: server.url });
    const http = new Http({
      url: server.url,
      credentials: new SignedIn(memoryStore(tokens("old")), (token) => refresh(open, token)),
    });
    await Promise.all([...Array(30).keys()].map(() => http.call("POST", "/act", Ok)));
    expect(rotations).toBe(1);
    const acts = server.seen.filter((one) => one.path === "/act");
    expect(new Set(acts.map((one) => one.headers["idempotency-key"])).size).toBe(30);
    const kept = acts
      .filter((one) => one.headers.authorization === "Bearer access-new")
      .map((one) => one.headers["idempotency-key"]);
    expect(new Set(kept).size).toBe(30);
  });

  it("ends the session when the refresh token is refused, and keeps it when the server is away", async () => {
    let away = true;
    const server = await scriptedServer({
      http: ({ path }) =>
        path === "/api/v1/auth/refresh"
          ? away
            ? (response) => void response.destroy()
            : problem(401, "refresh_reused")
          : problem(401, "unauthenticated"),
    });
    const store = memoryStore(tokens("old"));
    const http = new Http({
      url: server.url,
      credentials: new SignedIn(store, (token) => refresh(new Http({ url: server.url }), token)),
    });
    await expect(http.call("DELETE", "/x", Ok)).rejects.toBeInstanceOf(NoAnswer);
    expect(await store.read()).toEqual(tokens("old"));
    away = false;
    await expect(http.call("DELETE", "/x", Ok)).rejects.toMatchObject({ status: 401 });
    expect(await store.read()).toBeNull();
  });

  it("does not happen for a token given from outside", async () => {
    const server = await scriptedServer({ http: () => problem(401, "unauthenticated") });
    await expect(
      new Http({ url: server.url, credentials: fixedToken("t") }).call("GET", "/x", Ok),
    ).rejects.toMatchObject({ status: 401 });
    expect(server.seen).toHaveLength(1);
  });
});

describe("repeating a call", () => {
  it("keeps the idempotency key when the connection broke before the answer", async () => {
    let first = true;
    const server = await scriptedServer({
      http: () => {
        if (!first) return OK;
        first = false;
        return (response) => void response.destroy();
      },
    });
    expect(await new Http({ url: server.url }).call("POST", "/act", Ok, { body: { a: 1 } })).toEqual({ ok: true });
    const [one, two] = server.seen;
    expect(one?.headers["idempotency-key"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(two?.headers["idempotency-key"]).toBe(one?.headers["idempotency-key"]);
    expect(two?.body).toEqual({ a: 1 });
  });

  it("waits as asked when there were too many requests", async () => {
    let first = true;
    const server = await scriptedServer({
      http: () => {
        if (!first) return OK;
        first = false;
        return {
          status: 429,
          headers: { "retry-after": "0" },
          body: { type: "x", title: "slow", status: 429, code: "rate_limited", request_id: "r" },
        };
      },
    });
    expect(await new Http({ url: server.url }).call("GET", "/x", Ok)).toEqual({ ok: true });
  });

  it("does not happen where repeating could do harm: sign-in, and anything the server refused", async () => {
    const server = await scriptedServer({
      http: ({ path }) =>
        path.endsWith("/login") ? (response) => void response.destroy() : problem(409, "already_decided"),
    });
    const http = new Http({ url: server.url });
    await expect(login(http, "a@example.com", "p")).rejects.toBeInstanceOf(NoAnswer);
    await expect(http.call("POST", "/act", Ok)).rejects.toMatchObject({ code: "already_decided" });
    expect(server.seen).toHaveLength(2);
    expect(server.seen[0]?.headers["idempotency-key"]).toBeUndefined();
  });
});

it("waits longer each time, up to the cap, never less than half of it", () => {
  const range = { firstMs: 100, capMs: 2_000 };
  expect([0, 1, 2, 10, 1_000].map((attempt) => backoffDelay(range, attempt, 0))).toEqual([50, 100, 200, 1_000, 1_000]);
  expect([0, 10].map((attempt) => backoffDelay(range, attempt, 0.999_999))).toEqual([100, 2_000]);
});
