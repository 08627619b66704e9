// Schedules on a real server: killed before a tick and again while it is being run, each tick is run or counted, and none twice; and the
// same server with QStash in place of its own clock.
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { signed } from "#tests/doubles/qstash.ts";
import { startQstash } from "#tests/doubles/qstash-server.ts";
import { newGuest } from "#tests/support/guest.ts";
import { freePort } from "../../scripts/free-port.ts";
import { startServer } from "../../scripts/server-process.ts";

const MINUTE = 60_000;
const QUIET = { RATE_LIMIT_PER_MINUTE: "0", AUTH_RATE_LIMIT_PER_MINUTE: "1000" };
const EVERY_MINUTE = { name: "Tick", cron: "* * * * *", message: "@Architect tick" };

/** Sleeps until an instant: to be killed at it, a server must be alive right before. */
const until = (instant: number) => sleep(Math.max(0, instant - Date.now()));

it("runs or counts a tick once, killed before it and again while it is being run", { timeout: 300_000 }, async () => {
  const server = await startServer({ env: QUIET });
  onTestFinished(() => server.stop());
  const guest = await newGuest(server.url);
  const made = (await guest.ask("/my/schedules", { body: EVERY_MINUTE })).json;
  const seen = async () => (await guest.ask(`/my/schedules/${made.id}`)).json;
  const runs = async () => (await guest.ask("/v1/runs?limit=100")).json.items;
  /** Ticks the schedule has answered for: run, or counted as missed. */
  const settled = async (tick: number) => {
    await expect.poll(async () => Date.parse((await seen()).next_run_at), { timeout: 150_000 }).toBeGreaterThan(tick);
    const { missed, next_run_at } = await seen();
    const ticks = (Date.parse(next_run_at) - Date.parse(made.next_run_at)) / MINUTE;
    expect((await runs()).length + missed).toBe(ticks);
    return ticks;
  };

  // Down while the tick passes: the row and its alarm are all that is left of it.
  const first = Date.parse(made.next_run_at);
  await until(first - 500);
  await server.kill9();
  await until(first + 500);
  await server.restart();
  // Up again, and killed as the tick's job is on its way through a queue that forgets.
  await server.kill9();
  await server.restart();
  await settled(first);
  expect(await runs()).not.toHaveLength(0);

  // Paused, it is quiet, and every run has ended well.
  await guest.ask(`/my/schedules/${made.id}`, { method: "PATCH", body: { enabled: false } });
  await expect.poll(async () => (await seen()).last_status).toBe("completed");
  const all = await runs();
  expect(all.map(({ status }: { status: string }) => status)).toEqual(all.map(() => "completed"));
  expect((await guest.ask("/v1/events/verify")).json.valid).toBe(true);
});

it("keeps its schedules with QStash where that is configured, and takes its signed calls", async () => {
  const port = await freePort();
  const qstash = await startQstash({
    token: "token-1",
    currentKey: "sig_current",
    nextKey: "sig_next",
    now: Date.now(),
    deliver: (request) => fetch(request),
  });
  const server = await startServer({
    port,
    env: {
      ...QUIET,
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      QSTASH_URL: qstash.url,
      QSTASH_TOKEN: "token-1",
      QSTASH_CURRENT_SIGNING_KEY: "sig_current",
      QSTASH_NEXT_SIGNING_KEY: "sig_next",
    },
  });
  onTestFinished(async () => {
    await server.stop();
    await qstash.close();
  });
  const guest = await newGuest(server.url);
  const made = (await guest.ask("/my/schedules", { body: { ...EVERY_MINUTE, time_zone: "Europe/Berlin" } })).json;
  const url = `http://127.0.0.1:${port}/v1/callbacks/qstash`;
  const kept = qstash.double.schedules.get(made.id);
  expect(kept).toMatchObject({ cron: "CRON_TZ=Europe/Berlin * * * * *", url });

  const body = kept?.body ?? "";
  const call = async (signature: string) => {
    const headers = { "content-type": "application/json", "upstash-signature": signature };
    const response = await fetch(url, { method: "POST", headers, body });
    return { status: response.status, ...JSON.parse(await response.text()) };
  };
  const now = Date.now();
  const signature = await signed("sig_next", { url, body, now });
  expect(await call(signature)).toEqual({ status: 200, ok: true, repeated: false });
  expect(await call(signature)).toEqual({ status: 200, ok: true, repeated: true });
  expect(await call(await signed("sig_guessed", { url, body, now }))).toMatchObject({ status: 401 });
  // None of these calls came at a tick.
  const runs = (await guest.ask("/v1/runs")).json.items.length;
  const { next_run_at } = (await guest.ask(`/my/schedules/${made.id}`)).json;
  expect(runs).toBe((Date.parse(next_run_at) - Date.parse(made.next_run_at)) / MINUTE);
  await guest.ask(`/my/schedules/${made.id}`, { method: "DELETE" });
  expect(qstash.double.schedules.size).toBe(0);
});
