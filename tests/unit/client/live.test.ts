// Live streams over both transports: whatever breaks, each stored event is seen once and in order.
import { describe, expect, it, onTestFinished } from "vitest";
import { fixedToken, memoryStore, SignedIn } from "#client/sdk/credentials.ts";
import { Http } from "#client/sdk/http.ts";
import { live } from "#client/sdk/live.ts";
import { sse } from "#client/sdk/sse.ts";
import type { LiveFrame } from "#schema/frames.ts";
import { problem, scriptedServer } from "./scripted-server.ts";

const frame = (seq: number | null): string =>
  JSON.stringify({ seq, event: seq === null ? "message_delta" : "run_started", data: { n: seq } });

const take = async (frames: AsyncGenerator<LiveFrame>, count: number): Promise<(number | null)[]> => {
  const seqs: (number | null)[] = [];
  for await (const one of frames) {
    seqs.push(one.seq);
    if (seqs.length === count) break;
  }
  return seqs;
};
const range = (from: number, to: number): number[] => [...Array(to - from + 1).keys()].map((i) => from + i);

describe("the live socket", () => {
  it("resumes after the last event handed out, without gap or duplicate, however often the line breaks", async () => {
    // The server keeps 40 events, sends overlapping pieces, and drops the line after a few each time.
    const server = await scriptedServer({
      socket: (socket, { query }) => {
        const from = Number(query.get("from_seq"));
        for (const seq of range(Math.max(1, from - 2), Math.min(40, from + 7))) socket.send(frame(seq));
        if (from + 7 < 40) socket.terminate();
      },
    });
    expect(await take(live(new Http({ url: server.url }), "/my/chat/room/events", { fromSeq: 3 }), 37)).toEqual(
      range(4, 40),
    );
    expect(server.seen.filter((one) => one.method === "WS").length).toBeGreaterThan(3);
  });

  it("names its protocol, proves itself by a header and asks for its cursor", async () => {
    const server = await scriptedServer({ socket: (socket) => socket.send(frame(8)) });
    await take(live(new Http({ url: server.url, credentials: fixedToken("secret") }), "/s", { fromSeq: 7 }), 1);
    const [one] = server.seen;
    expect(one?.headers).toMatchObject({ authorization: "Bearer secret", "sec-websocket-protocol": "retinue.live.v1" });
    expect(one?.query.toString()).toBe("from_seq=7");
  });

  it("comes with a ticket of its own each time, and with no token, where sockets carry no headers", async () => {
    let tickets = 0;
    const server = await scriptedServer({
      http: () => ({ status: 201, body: { ticket: `t${++tickets}`, expires_at: "2026-11-21T08:00:00.000Z" } }),
      socket: (socket, { query }) => {
        socket.send(frame(query.get("ticket") === "t1" ? 8 : 9));
        socket.close();
      },
    });
    const http = new Http({ url: server.url, credentials: fixedToken("secret"), ticketed: true });
    expect(await take(live(http, "/s", { fromSeq: 7 }), 2)).toEqual([8, 9]);
    const sockets = server.seen.filter(({ method }) => method === "WS");
    expect(sockets.map(({ query }) => query.toString())).toEqual(["from_seq=7&ticket=t1", "from_seq=8&ticket=t2"]);
    for (const { headers } of sockets) expect(headers.authorization).toBeUndefined();
  });

  it("passes signals through where they fell and never lets them move the cursor", async () => {
    let connections = 0;
    const server = await scriptedServer({
      socket: (socket) => {
        if (connections++ === 0) {
          for (const seq of [5, null, null]) socket.send(frame(seq));
          socket.close();
        } else for (const seq of [5, 6]) socket.send(frame(seq));
      },
    });
    expect(await take(live(new Http({ url: server.url }), "/s", { fromSeq: 4 }), 4)).toEqual([5, null, null, 6]);
    expect(server.seen[1]?.query.get("from_seq")).toBe("5");
  });

  it("acknowledges what its reader took, by count, and by size when there are only signals", async () => {
    const acks: unknown[] = [];
    const big = JSON.stringify({ seq: null, event: "message_delta", data: { text: "x".repeat(300_000) } });
    const server = await scriptedServer({
      socket: (socket) => {
        socket.on("message", (text) => {
          acks.push(JSON.parse(text.toString()));
          if (acks.length === 2) socket.send(big);
          if (acks.length === 3) socket.send(frame(200));
        });
        for (const seq of range(1, 130)) socket.send(frame(seq));
      },
    });
    await take(live(new Http({ url: server.url }), "/s", { fromSeq: 0 }), 132);
    expect(acks).toEqual([64, 128, 130].map((seq) => ({ type: "ack", seq })));
  });

  it("leaves a line that fell silent and resumes on another", async () => {
    let connections = 0;
    const server = await scriptedServer({
      socket: (socket) => {
        // The first hears pings and says nothing; the second is well.
        if (connections++ === 0) socket.send(frame(1));
        else socket.send(frame(2));
      },
    });
    expect(
      await take(
        live(new Http({ url: server.url }), "/s", { fromSeq: 0, heartbeat: { everyMs: 20, silentMs: 20 } }),
        2,
      ),
    ).toEqual([1, 2]);
  });

  it("stays on a quiet line whose server answers pings", async () => {
    let pings = 0;
    const server = await scriptedServer({
      socket: (socket) =>
        socket.on("message", (text) => {
          if (text.toString() !== "ping") return;
          socket.send("pong");
          if (++pings === 5) socket.send(frame(1));
        }),
    });
    expect(
      await take(
        live(new Http({ url: server.url }), "/s", { fromSeq: 0, heartbeat: { everyMs: 10, silentMs: 5_000 } }),
        1,
      ),
    ).toEqual([1]);
    expect(server.seen).toHaveLength(1);
  });

  it("throws the server's refusal, and does not go on knocking", async () => {
    const server = await scriptedServer({
      refuse: () => 403,
      socket: () => {},
      http: () => problem(403, "isolation_violation"),
    });
    await expect(take(live(new Http({ url: server.url }), "/s"), 1)).rejects.toMatchObject({
      code: "isolation_violation",
    });
    expect(server.seen.filter((one) => one.method === "WS")).toHaveLength(1);
  });

  it("renews the token when the handshake is refused for it", async () => {
    const good = "Bearer access-new";
    const server = await scriptedServer({
      refuse: ({ headers }) => (headers.authorization === good ? null : 401),
      socket: (socket) => socket.send(frame(1)),
      http: ({ headers }) =>
        headers.authorization === good
          ? (response) => response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders()
          : problem(401, "unauthenticated"),
    });
    const fresh = { access_token: "access-new", refresh_token: "r2", expires_at: 1, token_type: "Bearer" as const };
    const credentials = new SignedIn(memoryStore({ ...fresh, access_token: "access-old" }), async () => fresh);
    expect(await take(live(new Http({ url: server.url, credentials }), "/s", { fromSeq: 0 }), 1)).toEqual([1]);
  });

  it("ends when it is told to, also between two connections", async () => {
    const stop = new AbortController();
    const server = await scriptedServer({ socket: (socket) => socket.close() });
    const frames = live(new Http({ url: server.url }), "/s", {
      signal: stop.signal,
      onLine: (up) => up || stop.abort(),
    });
    expect((await frames.next()).done).toBe(true);
  });
});

describe("server-sent events", () => {
  const event = (seq: number): string => `id: ${seq}\nevent: run_started\ndata: {"n":${seq}}\n\n`;

  it("resumes with Last-Event-ID, without gap or duplicate, over broken streams and pieces of any size", async () => {
    const server = await scriptedServer({
      http:
        ({ headers }) =>
        (response) => {
          const from = Number(headers["last-event-id"]);
          response.writeHead(200, { "content-type": "text/event-stream" });
          const text = `retry: 10\n\n: heartbeat\n\n${range(Math.max(1, from - 1), from + 4)
            .map(event)
            .join("")}event: message_delta\ndata: {"n":null}\n\nid: ${from + 5}\nevent: torn`;
          for (const piece of text.match(/.{1,7}/gs) ?? []) response.write(piece);
          response.end();
        },
    });
    const seqs = await take(sse(new Http({ url: server.url }), "/s", { fromSeq: 2 }), 20);
    expect(seqs.filter((seq) => seq !== null)).toEqual(range(3, 18));
  });

  it("throws the server's refusal and opens a silent stream again", async () => {
    const refused = await scriptedServer({ http: () => problem(404, "not_found") });
    await expect(take(sse(new Http({ url: refused.url }), "/s"), 1)).rejects.toMatchObject({ code: "not_found" });
    let streams = 0;
    const server = await scriptedServer({
      http: () => (response) => {
        response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
        if (streams++ > 0) response.write(event(1));
        onTestFinished(() => void response.destroy());
      },
    });
    expect(await take(sse(new Http({ url: server.url }), "/s", { fromSeq: 0, silentMs: 30 }), 1)).toEqual([1]);
  });
});
