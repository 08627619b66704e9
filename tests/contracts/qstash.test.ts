// The QStash hand over our double: the port's contract, what is sent, what happens when QStash is away, and that the double
// signs as the SDK's own receiver wants it.
import { Receiver } from "@upstash/qstash";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { mintId } from "#adapters/ids.ts";
import { qstashScheduler } from "#adapters/qstash/scheduler.ts";
import { proveCallback } from "#adapters/qstash/signature.ts";
import type { Timing } from "#domain/schedules/scheduler.ts";
import { Task } from "#schema/jobs.ts";
import { signed } from "#tests/doubles/qstash.ts";
import { type QstashServer, startQstash } from "#tests/doubles/qstash-server.ts";
import { type SchedulerUnderTest, schedulerContract } from "./scheduler.contract.ts";

const CALLBACK = "https://retinue.example.com/v1/callbacks/qstash";
const KEYS = { currentKey: "sig_current", nextKey: "sig_next" };
const NOW = Date.parse("2026-11-21T08:00:30.250Z");

const running = async (): Promise<{ made: SchedulerUnderTest; server: QstashServer }> => {
  const server = await startQstash({
    token: "token-1",
    ...KEYS,
    now: NOW,
    // As our door does: what is not proven is refused, what cannot be done is an error.
    deliver: async (request) => {
      const body = new Uint8Array(await request.arrayBuffer());
      const signature = request.headers.get("upstash-signature") ?? "";
      const proven = await proveCallback({ ...KEYS, url: CALLBACK }, signature, body, server.double.now);
      if (proven === null) return new Response(null, { status: 401 });
      const done = await made.answer(Task.parse(JSON.parse(new TextDecoder().decode(body)))).then(
        () => true,
        () => false,
      );
      return new Response(null, { status: done ? 200 : 500 });
    },
  });
  const made: SchedulerUnderTest = {
    scheduler: qstashScheduler({ baseUrl: server.url, token: "token-1", callbackUrl: CALLBACK }),
    projectId: mintId("project"),
    ownerId: mintId("user"),
    now: () => server.double.now,
    elapse: (ms) => server.double.runUntil(server.double.now + ms),
    answer: async () => undefined,
    close: () => server.close(),
  };
  return { made, server };
};

schedulerContract("QStash", async () => (await running()).made);

describe("the QStash hand", () => {
  let server: QstashServer;
  let made: SchedulerUnderTest;
  beforeEach(async () => {
    ({ server, made } = await running());
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    await made.close();
  });

  const timing = (): Timing => ({
    id: mintId("schedule"),
    projectId: made.projectId,
    ownerId: made.ownerId,
    cron: "@weekly",
    timeZone: "America/New_York",
    nextRunAt: NOW,
  });

  test("keeps a schedule under its own id, zone and five fields", async () => {
    const kept = timing();
    await made.scheduler.put(kept);
    expect([...server.double.schedules]).toEqual([
      [kept.id, expect.objectContaining({ cron: "CRON_TZ=America/New_York 0 0 * * 0", url: CALLBACK })],
    ]);
  });

  test("asks nothing for the next tick: it comes by itself", async () => {
    await made.scheduler.next(timing());
    expect(server.double.asked).toEqual([]);
  });

  test("stays with the server and the keys it was given when a stray variable asks for the dev mode", async () => {
    vi.stubEnv("QSTASH_DEV", "true");
    vi.stubEnv("QSTASH_URL", "http://127.0.0.1:1");
    vi.stubEnv("QSTASH_TOKEN", "stray");
    await made.scheduler.put(timing());
    expect(server.double.asked).toEqual(["POST /v2/schedules"]);
    await made.scheduler.delay("k", { kind: "anchor_sweep", project_id: made.projectId, owner_id: made.ownerId }, NOW);
    await made.elapse(1_000);
    expect(server.double.delivered.map(({ status }) => status)).toEqual([200]);
  });

  test.each([401, 429, 500])("throws when QStash answers %i", async (status) => {
    server.double.down = status;
    await expect(made.scheduler.put(timing())).rejects.toThrow();
    await expect(made.scheduler.remove(timing())).rejects.toThrow();
    await expect(
      made.scheduler.delay("k", { kind: "anchor_sweep", project_id: made.projectId, owner_id: made.ownerId }, NOW),
    ).rejects.toThrow();
  });

  test("gives up on a server that never answers", async () => {
    const silent = await startQstash({ token: "t", ...KEYS, now: NOW, deliver: async () => new Response() });
    vi.spyOn(silent.double, "handle").mockReturnValue(new Promise(() => undefined));
    const scheduler = qstashScheduler({ baseUrl: silent.url, token: "t", callbackUrl: CALLBACK, deadlineMs: 50 });
    await expect(scheduler.put(timing())).rejects.toThrow("within 50 ms");
    await silent.close();
  });
});

describe("a signature", () => {
  const body = JSON.stringify({ kind: "anchor_sweep" });
  const bytes = new TextEncoder().encode(body);
  const settings = { ...KEYS, url: CALLBACK };
  const parts = { url: CALLBACK, body, now: NOW };
  const prove = async (signature: string, at = NOW, sent = bytes) => proveCallback(settings, signature, sent, at);

  test("of the double is one the SDK's own receiver takes", async () => {
    const receiver = new Receiver({ currentSigningKey: "sig_current", nextSigningKey: "sig_next", devMode: false });
    const signature = await signed("sig_current", { ...parts, now: Date.now() });
    expect(await receiver.verify({ signature, body, url: CALLBACK })).toBe(true);
  });

  test("by the current key or the next one tells its id; by the one after a second rotation it does not", async () => {
    expect(await prove(await signed("sig_current", parts, { jti: "j1" }))).toBe("j1");
    expect(await prove(await signed("sig_next", parts, { jti: "j2" }))).toBe("j2");
    expect(await prove(await signed("sig_after", parts))).toBeNull();
  });

  test.each([
    ["another issuer", { iss: "Someone" }],
    ["another URL", { sub: `${CALLBACK}/` }],
    ["another host", { sub: "https://other.example.com/v1/callbacks/qstash" }],
    ["no expiry", { exp: undefined }],
    ["no id", { jti: undefined }],
    ["no beginning", { nbf: undefined }],
    ["no body hash", { body: undefined }],
    ["another body's hash", { body: "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU" }],
    ["an end that has passed", { exp: Math.floor(NOW / 1000) - 60 }],
    ["a beginning that has not come", { nbf: Math.floor(NOW / 1000) + 60 }],
  ])("with %s proves nothing", async (_what, claims) => {
    expect(await prove(await signed("sig_current", parts, claims))).toBeNull();
  });

  test("over other bytes proves nothing, not even when only white space was added", async () => {
    const signature = await signed("sig_current", parts);
    expect(await prove(signature, NOW, new TextEncoder().encode(`${body} `))).toBeNull();
    expect(await prove(signature, NOW, new Uint8Array())).toBeNull();
  });

  test("proves nothing after its time, and nothing without a key or an algorithm", async () => {
    const signature = await signed("sig_current", parts);
    expect(await prove(signature, NOW + 310_000)).toBeNull();
    const [, payload = ""] = signature.split(".");
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url");
    for (const forged of [`${none}.${payload}.`, "", "a.b.c", signature.slice(0, -2)])
      expect(await prove(forged)).toBeNull();
  });
});
