// The door of the outside clock: what is forged, altered, late, meant for another address or sent again does nothing; and a
// whole life of a schedule kept by QStash, whose calls come twice, late and in any order.
import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { callbackReceipts } from "#adapters/d1/callback-receipts.ts";
import { openDatabase } from "#adapters/d1/database.ts";
import { overdueSchedules } from "#adapters/d1/due-schedules.ts";
import { mintId } from "#adapters/ids.ts";
import { QstashDouble, signed } from "#tests/doubles/qstash.ts";
import { type Ask, ask, type Person, register } from "#tests/support/workerd/api.ts";
import { app } from "#workers/app.ts";

const URL_OF_DOOR = "https://retinue.test/v1/callbacks/qstash";
const QSTASH = {
  PUBLIC_URL: "https://retinue.test/",
  QSTASH_URL: "https://qstash.test",
  QSTASH_TOKEN: "token-1",
  QSTASH_CURRENT_SIGNING_KEY: "sig_current",
  QSTASH_NEXT_SIGNING_KEY: "sig_next",
};
const configured = { ...env, ...QSTASH };

const knock = async (request: Request, to: Cloudflare.Env = configured): Promise<Response> =>
  app.fetch(request, to, createExecutionContext());

const asking = async (path: string, { token, body, method, headers }: Ask) => {
  const response = await knock(
    new Request(`https://retinue.test${path}`, {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers: { ...headers, authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
  const json: ReturnType<typeof JSON.parse> = await response.json();
  return { status: response.status, json };
};

let person: Person;
let double: QstashDouble;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  // By a key, which outlives the hours these tests let pass.
  const registered = await register();
  const keyed = { name: "k", scopes: ["read", "chat", "manage"] };
  const { key } = (await ask("/api/v1/auth/keys", { token: registered.token, body: keyed })).json;
  person = { ...registered, token: key };
  double = new QstashDouble({
    token: "token-1",
    currentKey: "sig_current",
    nextKey: "sig_next",
    now: Date.now(),
    deliver: async (request) => {
      vi.setSystemTime(double.now);
      return knock(request);
    },
  });
  const real = globalThis.fetch;
  vi.stubGlobal("fetch", (input: RequestInfo, init?: RequestInit) => {
    const request = new Request(input, init);
    return new URL(request.url).host === "qstash.test" ? double.handle(request) : real(request);
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** The first tick is more than a minute away: the look that follows every change comes before it, whenever the test runs. */
const everyTenMinutes = async (changes: object = {}) => {
  const offset = (new Date().getUTCMinutes() + 5) % 10;
  const body = { name: "Tick", cron: `${offset}-59/10 * * * *`, message: "@Architect tick", ...changes };
  const made = await asking("/my/schedules", { token: person.token, body });
  expect(made.status).toBe(201);
  return made.json;
};
const seen = async (id: string) => (await asking(`/my/schedules/${id}`, { token: person.token })).json;
const runs = async () => (await asking("/v1/runs?limit=100", { token: person.token })).json.items;
/** The task QStash would bring for a schedule. */
const tickBody = (id: string) =>
  JSON.stringify({
    kind: "schedule_due",
    project_id: person.projectId,
    owner_id: person.id,
    schedule_id: id,
    replan: false,
  });
const call = async (body: string, signature: string | null, to?: Cloudflare.Env) => {
  const headers = {
    "content-type": "application/json",
    ...(signature === null ? {} : { "upstash-signature": signature }),
  };
  const response = await knock(new Request(URL_OF_DOOR, { method: "POST", headers, body }), to);
  const json: ReturnType<typeof JSON.parse> = await response.json();
  return { status: response.status, code: json.code, repeated: json.repeated };
};

describe("a callback", () => {
  /** A schedule that is due now. */
  const due = async () => {
    const made = await everyTenMinutes();
    vi.setSystemTime(Date.parse(made.next_run_at));
    return { made, body: tickBody(made.id), parts: { url: URL_OF_DOOR, body: tickBody(made.id), now: Date.now() } };
  };
  const SHUT = { status: 401, code: "signature_invalid" };

  test("that is proven is done, and starts one run", async () => {
    const { made, body, parts } = await due();
    expect(await call(body, await signed("sig_current", parts))).toMatchObject({ status: 200, repeated: false });
    expect(await seen(made.id)).toMatchObject({ last_run_id: expect.stringMatching(/^run_/), last_error: null });
    expect(await runs()).toHaveLength(1);
  });

  test("that comes again with the same signature does nothing", async () => {
    const { made, body, parts } = await due();
    const signature = await signed("sig_next", parts);
    expect(await call(body, signature)).toMatchObject({ status: 200, repeated: false });
    const before = await seen(made.id);
    // Even where its tick could be due again.
    await env.DB.prepare("UPDATE schedules SET next_run_at = ?, last_due_at = NULL WHERE id = ?")
      .bind(Date.now() - 1, made.id)
      .run();
    for (let i = 0; i < 3; i += 1) expect(await call(body, signature)).toMatchObject({ status: 200, repeated: true });
    expect(await runs()).toHaveLength(1);
    expect((await seen(made.id)).last_run_id).toBe(before.last_run_id);
  });

  test("twenty times at once is taken once", async () => {
    const { body, parts } = await due();
    const signature = await signed("sig_current", parts);
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(body, signature)));
    expect(answers.filter(({ repeated }) => repeated === false)).toHaveLength(1);
    expect(await runs()).toHaveLength(1);
  });

  test("that is forged, altered, expired, early or meant for another address is refused and leaves no trace", async () => {
    const { made, body, parts } = await due();
    const now = Math.floor(Date.now() / 1000);
    const forgeries = [
      await signed("sig_other", parts),
      await signed("sig_current", parts, { sub: "https://retinue.test/v1/callbacks/other" }),
      await signed("sig_current", parts, { sub: "https://evil.test/v1/callbacks/qstash" }),
      await signed("sig_current", parts, { iss: "Someone" }),
      await signed("sig_current", parts, { iat: now - 900, nbf: now - 900, exp: now - 600 }),
      await signed("sig_current", parts, { nbf: now + 600, exp: now + 900 }),
      await signed("sig_current", parts, { exp: undefined }),
      await signed("sig_current", { ...parts, body: `${body} ` }),
      "not.a.token",
      "",
      null,
    ];
    for (const signature of forgeries) expect(await call(body, signature), String(signature)).toMatchObject(SHUT);
    expect(await call(`${body} `, await signed("sig_current", parts))).toMatchObject(SHUT);
    expect(await runs()).toEqual([]);
    expect(await seen(made.id)).toEqual({ ...made, last_status: null });
  });

  test("proves nothing where QStash is not configured, nor with a bearer token", async () => {
    const { body, parts } = await due();
    expect(await call(body, await signed("sig_current", parts), env)).toMatchObject(SHUT);
    const headers = { authorization: `Bearer ${person.token}`, "content-type": "application/json" };
    const response = await knock(new Request(URL_OF_DOOR, { method: "POST", headers, body }));
    expect(response.status).toBe(401);
  });

  test("that is signed but is no task of ours is refused, and may come again after a new version", async () => {
    const body = JSON.stringify({ kind: "of tomorrow" });
    const parts = { url: URL_OF_DOOR, body, now: Date.now() };
    expect(await call(body, await signed("sig_current", parts))).toMatchObject({
      status: 422,
      code: "invalid_request",
    });
  });

  test("of a schedule in somebody else's name runs nothing: the row knows whose it is", async () => {
    const { made } = await due();
    const eve = await register();
    const body = JSON.stringify({ ...JSON.parse(tickBody(made.id)), project_id: eve.projectId, owner_id: eve.id });
    const parts = { url: URL_OF_DOOR, body, now: Date.now() };
    expect(await call(body, await signed("sig_current", parts))).toMatchObject({ status: 200 });
    expect((await asking("/v1/runs", { token: eve.token })).json.items).toEqual([]);
    expect(await runs()).toHaveLength(1);
  });

  test("that could not be done is answered with an error and is done when it comes again", async () => {
    const { made, body, parts } = await due();
    const signature = await signed("sig_current", parts);
    const broken = { ...configured, DB: brokenAfter(env.DB, "UPDATE schedules") };
    expect((await call(body, signature, broken)).status).toBe(500);
    expect(await call(body, signature)).toMatchObject({ status: 200, repeated: false });
    expect(await runs()).toHaveLength(1);
    expect((await seen(made.id)).last_run_id).toBe((await runs())[0].id);
  });

  test("is forgotten when no signature can be that old", async () => {
    const receipts = callbackReceipts(openDatabase(env.DB));
    expect([await receipts.take("j", 1_000), await receipts.take("j", 2_000)]).toEqual([true, false]);
    await receipts.sweep(1_001);
    expect(await receipts.take("j", 3_000)).toBe(true);
  });
});

/** A database in which one kind of statement fails. */
const brokenAfter = (db: D1Database, statement: string): D1Database =>
  new Proxy(db, {
    get(target, name) {
      if (name !== "prepare") return Reflect.get(target, name).bind(target);
      return (query: string) => {
        if (query.startsWith(statement)) throw new Error("the database is away");
        return target.prepare(query);
      };
    },
  });

describe("a schedule kept by QStash", () => {
  test("runs at every tick, once, though every call comes three times, late and in any order", async () => {
    const made = await everyTenMinutes();
    double.copies = 3;
    double.lateness = 4_000;
    await double.runUntil(Date.parse(made.next_run_at) + 30 * 60_000 + 30_000);
    vi.setSystemTime(double.now);
    const all = await runs();
    expect(all).toHaveLength(4);
    expect(double.delivered.filter(({ status }) => status !== 200)).toEqual([]);
    expect(double.delivered.length).toBeGreaterThanOrEqual(12);
    expect(await seen(made.id)).toMatchObject({ missed: 0, last_run_id: all[0].id });
  });

  test("whose calls stay away for an hour runs the missed ticks once", async () => {
    const made = await everyTenMinutes();
    double.lateness = 60 * 60_000;
    await double.runUntil(Date.parse(made.next_run_at) + 60 * 60_000 + 1_000);
    expect(await runs()).toHaveLength(1);
    expect(await seen(made.id)).toMatchObject({ missed: 6 });
  });

  test("paused, retimed and deleted is so at QStash too", async () => {
    const { id } = await everyTenMinutes();
    const patch = (body: object) => asking(`/my/schedules/${id}`, { method: "PATCH", token: person.token, body });
    await patch({ enabled: false });
    expect(double.schedules.has(id)).toBe(false);
    await patch({ enabled: true, cron: "@daily", time_zone: "asia/tokyo" });
    expect(double.schedules.get(id)?.cron).toBe("CRON_TZ=Asia/Tokyo 0 0 * * *");
    await asking(`/my/schedules/${id}`, { method: "DELETE", token: person.token });
    expect(double.schedules.size).toBe(0);
    await double.runUntil(double.now + 120_000);
    expect(await runs()).toEqual([]);
  });

  test("made while QStash is down is made all the same, and put there by the sweep", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    double.down = 503;
    const made = await everyTenMinutes();
    expect(double.schedules.size).toBe(0);
    double.down = null;
    vi.setSystemTime(Date.parse(made.next_run_at) + 6 * 60_000);
    double.now = Date.now();
    const lost = await overdueSchedules(openDatabase(env.DB), Date.now() - 5 * 60_000, 1_000);
    expect(lost.map(({ id }) => id)).toContain(made.id);
    const { perform } = await import("#workers/queue.ts");
    const { queueDeps } = await import("#workers/services.ts");
    await perform(queueDeps(configured), {
      kind: "schedule_due",
      project_id: person.projectId,
      owner_id: person.id,
      schedule_id: made.id,
      replan: true,
    });
    expect(await runs()).toHaveLength(1);
    expect([...double.schedules.keys()]).toEqual([made.id]);
    vi.restoreAllMocks();
  });

  test("whose making broke off right after its row is put there a minute later", async () => {
    const made = await everyTenMinutes();
    double.schedules.clear();
    await double.runUntil(double.now + 61_000);
    expect([...double.schedules.keys()]).toEqual([made.id]);
  });

  test("that was deleted while a call was on its way is not run", async () => {
    const made = await everyTenMinutes();
    const task = tickBody(made.id);
    await asking(`/my/schedules/${made.id}`, { method: "DELETE", token: person.token });
    vi.setSystemTime(Date.parse(made.next_run_at));
    const signature = await signed("sig_current", { url: URL_OF_DOOR, body: task, now: Date.now() });
    expect(await call(task, signature)).toMatchObject({ status: 200 });
    expect(await call(tickBody(mintId("schedule")), signature)).toMatchObject({ status: 401 });
    expect(await runs()).toEqual([]);
  });
});
