// The Upstash hand over a real Redis behind our bridge: the port's contract, and what happens when Redis is away.
import { createServer } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { upstashAnswers } from "#adapters/redis/answer-memory.ts";
import { upstashShortState } from "#adapters/redis/short-state.ts";
import type { RateRule } from "#domain/auth/short-state.ts";
import { onLoopback } from "#tests/doubles/on-loopback.ts";
import { hasRedisServer, type RunningRedis, startRedis } from "#tests/doubles/redis-server.ts";
import { startUpstashBridge, type UpstashBridge } from "#tests/doubles/upstash-bridge.ts";
import { answerMemoryContract } from "./answer-memory.contract.ts";
import { type StateUnderTest, shortStateContract } from "./short-state.contract.ts";

const HOUR = 3_600_000;
const RULE: RateRule = { name: "requests", limit: 5, windowSeconds: 60 };

const available = hasRedisServer();
if (!available) {
  const advice = "redis-server is not installed (apt-get install redis-server): the Upstash hand is NOT tested";
  if (process.env.CI === "true") throw new Error(advice);
  console.warn(`\n!!! ${advice} !!!\n`);
}

// Redis keeps its own time. To let it pass, everything is brought that much nearer to its end.
const AGE = `
for _, key in ipairs(redis.call("KEYS", "*")) do
  local left = redis.call("PTTL", key)
  if left >= 0 then redis.call("PEXPIRE", key, left - tonumber(ARGV[1])) end
end
return 1`;

describe.skipIf(!available)("with a Redis", () => {
  let redis: RunningRedis;
  let bridge: UpstashBridge;

  beforeAll(async () => {
    redis = await startRedis();
    bridge = await startUpstashBridge(redis.socketPath, "token-1");
  });
  afterAll(async () => {
    await bridge?.close();
    await redis?.stop();
  });

  const fetchAt = (path: string, init: RequestInit = {}, token = "token-1") =>
    fetch(`${bridge.url}${path}`, {
      method: "POST",
      ...init,
      headers: { authorization: `Bearer ${token}`, ...init.headers },
    });
  const command = async (...parts: (string | number)[]): Promise<unknown> => {
    const answer: unknown = await (await fetchAt("/", { body: JSON.stringify(parts) })).json();
    if (typeof answer === "object" && answer !== null && "result" in answer) return answer.result;
    throw new Error(JSON.stringify(answer));
  };

  const stoppedClock = async (): Promise<StateUnderTest> => {
    vi.useFakeTimers({ toFake: ["Date"], now: Math.floor(Date.now() / HOUR) * HOUR });
    return {
      state: upstashShortState({ url: bridge.url, token: bridge.token, deadlineMs: 10_000 }),
      elapse: async (ms) => {
        vi.setSystemTime(Date.now() + ms);
        await command("EVAL", AGE, 0, ms);
      },
      now: () => Date.now(),
      close: async () => {
        vi.useRealTimers();
        await command("FLUSHALL");
      },
    };
  };

  answerMemoryContract("upstash", async () => ({
    of: upstashAnswers({ url: bridge.url, token: bridge.token, deadlineMs: 10_000 }),
    elapse: async (ms) => void (await command("EVAL", AGE, 0, ms)),
    close: async () => {},
  }));

  shortStateContract("Upstash", stoppedClock);

  describe("the Upstash hand", () => {
    let made: StateUnderTest;
    beforeEach(async () => {
      made = await stoppedClock();
    });
    afterEach(() => made.close());

    test("admits in two requests side by side", async () => {
      const user = made.state.user("usr_1");
      const ask = () => user.admit({ userId: "usr_1", rule: RULE, revocable: ["tok_1", "fam_1"], want: ["a", "b"] });
      await ask();
      const before = bridge.asked.length;
      await ask();
      expect(bridge.asked.slice(before).sort()).toEqual(["/", "/pipeline"]);
    });

    test("leaves nothing behind that does not expire", async () => {
      const user = made.state.user("usr_1");
      await user.admit({ userId: "usr_1", rule: RULE, revocable: ["tok_1"], want: ["a"] });
      await made.state.throttle("someone", RULE);
      await user.revoke(["tok_1"], made.now() / 1000 + 600);
      await user.cachePut("a", 0, "value", 60);
      await user.cacheInvalidate(["b"]);
      await user.claim("open", "print", 30, 600);
      await user.settle("settled", "print", "answer", 600);
      await user.issueTicket("hash", "payload", 60);
      const left = await command(
        "EVAL",
        'local n = {} for _, k in ipairs(redis.call("KEYS", "*")) do n[#n + 1] = redis.call("TTL", k) end return n',
        0,
      );
      expect(left).toHaveLength(9);
      expect(left).not.toContain(-1);
    });

    test("keeps payloads out of the errors it throws", async () => {
      await command("HSET", "retinue:user:usr_1:ticket:secret-hash", "not", "a ticket");
      const redeemed = made.state.user("usr_1").redeemTicket("secret-hash");
      await expect(redeemed).rejects.toThrow("WRONGTYPE");
      await expect(redeemed).rejects.not.toThrow("secret-hash");
    });

    test("keeps numeric and odd strings as they were", async () => {
      const user = made.state.user("usr_1");
      for (const payload of ["42", "true", "null", '"quoted"', "OK", "🦉\u0000\r\n"]) {
        await user.issueTicket("hash", payload, 60);
        expect(await user.redeemTicket("hash")).toBe(payload);
      }
    });
  });

  describe("the bridge", () => {
    test("speaks single commands by body and by path, plain and in base64", async () => {
      const ok = await fetchAt("/set/k%2F1/va%20lue?EX=100", { method: "GET" });
      expect([ok.status, await ok.json()]).toEqual([200, { result: "OK" }]);
      expect(await (await fetchAt("/get/k%2F1")).json()).toEqual({ result: "va lue" });
      const base64 = await fetchAt("/", { body: '["GET","k/1"]', headers: { "upstash-encoding": "base64" } });
      expect(await base64.json()).toEqual({ result: btoa("va lue") });
      expect(await (await fetchAt("/set/k2", { body: "from body" })).json()).toEqual({ result: "OK" });
      expect(await command("GET", "k2")).toBe("from body");
    });

    test("answers a pipeline one by one, and a transaction as a whole", async () => {
      const commands = JSON.stringify([
        ["SET", "n", "x"],
        ["INCR", "n"],
        ["GET", "n"],
      ]);
      const piped: unknown = await (await fetchAt("/pipeline", { body: commands })).json();
      expect(piped).toEqual([{ result: "OK" }, { error: expect.stringContaining("ERR") }, { result: "x" }]);
      const discarded = await fetchAt("/multi-exec", { body: '[["SET","n","y"],["NOSUCHCOMMAND"]]' });
      expect([discarded.status, await discarded.json()]).toEqual([
        400,
        { error: expect.stringContaining("EXECABORT") },
      ]);
      expect(await command("GET", "n")).toBe("x");
    });

    test("refuses bad tokens, commands and methods", async () => {
      expect((await fetchAt("/get/k", {}, "wrong")).status).toBe(401);
      expect((await fetch(`${bridge.url}/get/k?_token=token-1`)).status).toBe(200);
      expect((await fetchAt("/", { body: '["NOSUCHCOMMAND"]' })).status).toBe(400);
      expect((await fetchAt("/", { body: "{}" })).status).toBe(400);
      expect((await fetchAt("/get/k", { method: "DELETE" })).status).toBe(405);
    });

    test("finds a marked script by the hash of its original", async () => {
      const script = "#!lua flags=allow-key-locking\nreturn ARGV[1]";
      const hash = Buffer.from(await crypto.subtle.digest("SHA-1", Buffer.from(script))).toString("hex");
      await expect(command("EVALSHA", hash, 0, "again")).rejects.toThrow("NOSCRIPT");
      expect(await command("EVAL", script, 0, "once")).toBe("once");
      expect(await command("EVALSHA", hash, 0, "again")).toBe("again");
    });
  });

  describe("with a token Redis does not take", () => {
    test("known callers are admitted unjudged, strangers are not", async () => {
      await expectClosed(upstashShortState({ url: bridge.url, token: "wrong" }));
    });
  });
});

const expectClosed = async (state: ReturnType<typeof upstashShortState>) => {
  const user = state.user("usr_1");
  const admission = await user.admit({ userId: "usr_1", rule: RULE, revocable: ["tok_1"], want: ["agents"] });
  expect(admission.rate.allowed).toBe(true);
  expect(admission.revoked).toBe("unknown");
  expect(admission.cache.agents?.value).toBeNull();
  await user.cachePut("agents", admission.cache.agents?.generation ?? 0, "value", 60);
  await expect(state.throttle("someone", RULE)).rejects.toThrow("rate limit");
  await expect(user.claim("key", "print", 30, 600)).rejects.toThrow("claim");
  await expect(user.redeemTicket("hash")).rejects.toThrow("redeem ticket");
  await expect(user.cacheInvalidate(["agents"])).rejects.toThrow("cache invalidate");
  await expect(user.revoke(["tok_1"], Date.now() / 1000 + 600)).rejects.toThrow("revoke");
};

describe("without a Redis", () => {
  test("known callers are admitted unjudged and strangers are not, when nobody listens", async () => {
    const { url, close } = await onLoopback(createServer());
    await close();
    const troubles: string[] = [];
    const state = upstashShortState({ url, token: "token", report: (trouble) => troubles.push(trouble.message) });
    await expectClosed(state);
    expect(troubles).toHaveLength(2);
  });

  test("the same, when somebody listens and never answers", async () => {
    const server = createServer();
    const { url } = await onLoopback(server);
    await expectClosed(upstashShortState({ url, token: "token", deadlineMs: 100 }));
    server.close();
  });

  test("a command is not sent twice when the connection breaks: it may have been counted", async () => {
    const server = createServer();
    const { url } = await onLoopback(server);
    let requests = 0;
    server.on("connection", (socket) => {
      socket.on("error", () => {});
      socket.once("data", () => {
        requests += 1;
        socket.destroy();
      });
    });
    await expect(upstashShortState({ url, token: "token" }).throttle("someone", RULE)).rejects.toThrow("rate limit");
    expect(requests).toBe(1);
    server.close();
  });
});
