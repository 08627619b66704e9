// A project's stream, begun while the server cannot be asked where its log ends: it is begun again, and what failed meanwhile is
// asked for again.
import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ApiError, NoAnswer } from "#client/sdk/api-error.ts";
import type { LiveOptions } from "#client/sdk/live.ts";
import { ProjectFeed } from "#web/live/project-feed.ts";

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("document", new EventTarget());
  vi.stubGlobal("window", new EventTarget());
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const refused = (status: number) =>
  new ApiError({ type: "about:blank", title: "No", status, code: "x", request_id: "r" });

/** An account whose log has an end only after so many refusals; its line is up at once, and silent. */
const asking = (...refusals: readonly Error[]) => {
  const left = [...refusals];
  const head = vi.fn(async () => {
    const next = left.shift();
    if (next !== undefined) throw next;
    return { seq: 7, hash: "0", anchor: null };
  });
  const live = async function* (_path: string, { onLine, signal }: LiveOptions = {}) {
    onLine?.(true);
    await new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve(), { once: true }));
  };
  return { head, api: { head, live } };
};

it("is begun again until there is a line, and what failed meanwhile is asked for again", async () => {
  const { head, api } = asking(new NoAnswer("away", { cause: new Error("refused") }), refused(429));
  const queries = new QueryClient();
  const again = vi.spyOn(queries, "refetchQueries");
  const feed = new ProjectFeed(queries, "proj_1");
  const stop = feed.start(api);
  await vi.advanceTimersByTimeAsync(100);
  expect([feed.isUp(), head.mock.calls.length]).toEqual([false, 1]);
  await vi.advanceTimersByTimeAsync(20_000);
  expect([feed.isUp(), head.mock.calls.length, again.mock.calls.length]).toEqual([true, 3, 1]);
  stop();
});

it("is not begun again where it is not let in, nor after its end", async () => {
  const stranger = asking(refused(403));
  new ProjectFeed(new QueryClient(), "proj_1").start(stranger.api);
  const gone = asking(refused(500));
  const stop = new ProjectFeed(new QueryClient(), "proj_1").start(gone.api);
  await vi.advanceTimersByTimeAsync(100);
  stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect([stranger.head.mock.calls.length, gone.head.mock.calls.length]).toEqual([1, 1]);
});
