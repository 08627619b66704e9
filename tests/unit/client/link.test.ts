// The device's line, against a scripted worker space.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { WebSocket } from "ws";
import { DeviceRoom } from "#client/device/device-room.ts";
import { WrongWelcome } from "#client/device/link.ts";
import { type DeviceNotice, describeNotice } from "#client/device/notice.ts";
import { fixedToken } from "#client/sdk/credentials.ts";
import { Http } from "#client/sdk/http.ts";
import { DEVICE_PROTOCOL, DeviceHello, DeviceResult } from "#schema/frames.ts";
import { callId, DEVICE, makeCall, OWNER } from "./calls.ts";
import { makeFolder } from "./make-folder.ts";
import { problem, type Script, scriptedServer } from "./scripted-server.ts";

const WELCOME = { type: "welcome", device_id: DEVICE, user_id: OWNER.userId, project_id: OWNER.projectId };

const send = (socket: WebSocket, frame: unknown): void => socket.send(JSON.stringify(frame));
/** Frames of the device, one after the other. */
const reader = (socket: WebSocket): (() => Promise<unknown>) => {
  const queue: unknown[] = [];
  const waiting: ((frame: unknown) => void)[] = [];
  socket.on("message", (text) => {
    if (text.toString() === "ping") return socket.send("pong");
    const frame: unknown = JSON.parse(text.toString());
    const next = waiting.shift();
    if (next === undefined) queue.push(frame);
    else next(frame);
  });
  return () => (queue.length > 0 ? Promise.resolve(queue.shift()) : new Promise((resolve) => waiting.push(resolve)));
};

const startDevice = async (script: Script, options: { readOnly?: boolean } = {}) => {
  const { base, proj } = await makeFolder();
  const server = await scriptedServer(script);
  const notices: DeviceNotice[] = [];
  const open = () =>
    DeviceRoom.open({
      http: new Http({ url: server.url, credentials: fixedToken("device-token") }),
      owner: OWNER,
      folder: proj,
      home: join(base, "home"),
      name: "laptop",
      readOnly: options.readOnly ?? false,
      notice: (notice) => notices.push(notice),
    });
  const room = await open();
  const stop = new AbortController();
  const running = room.run(stop.signal);
  running.catch(() => {});
  const end = async () => {
    stop.abort();
    await running.catch(() => {});
    await room.close();
  };
  onTestFinished(end);
  return { proj, base, server, notices, running, open, end };
};

/** Runs `talk` on each connection; its result settles the returned promise. */
const conversation = <T>() => {
  let settle: (value: T | PromiseLike<T>) => void = () => {};
  const done = new Promise<T>((resolve) => {
    settle = resolve;
  });
  return { done, settle };
};

describe("the device's line", () => {
  it("says hello with the folder's own name, is welcomed, carries out calls and answers them", async () => {
    const { done, settle } = conversation<unknown[]>();
    const device = await startDevice({
      socket: async (socket) => {
        const next = reader(socket);
        const hello = await next();
        send(socket, WELCOME);
        send(socket, makeCall(1, "read_file", { path: "README.md" }));
        const read = await next();
        send(socket, makeCall(2, "write_file", { path: "NOTES.md", content: "n" }));
        settle([hello, read, await next()]);
      },
    });
    const [hello, read, written] = await done;
    expect(DeviceHello.parse(hello)).toEqual({
      type: "hello",
      device_id: null,
      name: "laptop",
      folder: "proj",
      tools: ["read_file", "write_file", "list_directory"],
      read_only: false,
    });
    expect(DeviceResult.parse(read)).toMatchObject({
      call_id: callId(1),
      outcome: { status: "succeeded", content: "# Hello\n" },
    });
    expect(DeviceResult.parse(written)).toMatchObject({ call_id: callId(2), outcome: { status: "succeeded" } });
    expect(await readFile(join(device.proj, "NOTES.md"), "utf8")).toBe("n");
    const [handshake] = device.server.seen;
    expect(handshake).toMatchObject({
      path: `/my/projects/${OWNER.projectId}/device`,
      headers: { authorization: "Bearer device-token", "sec-websocket-protocol": DEVICE_PROTOCOL },
    });
  });

  it("comes back after a break as the same device, and answers a write that is sent again without writing again", async () => {
    const { done, settle } = conversation<{ hello: DeviceHello; outcome: DeviceResult["outcome"] }>();
    const call = makeCall(1, "write_file", { path: "NOTES.md", content: "once" });
    let connections = 0;
    let proj = "";
    const device = await startDevice({
      socket: async (socket) => {
        const next = reader(socket);
        const hello = DeviceHello.parse(await next());
        send(socket, WELCOME);
        send(socket, call);
        const { outcome } = DeviceResult.parse(await next());
        if (connections++ === 0) {
          const { writeFile } = await import("node:fs/promises");
          await writeFile(join(proj, "NOTES.md"), "edited since");
          socket.terminate();
        } else settle({ hello, outcome });
      },
    });
    proj = device.proj;
    const again = await done;
    expect(again.hello.device_id).toBe(DEVICE);
    expect(again.outcome.status).toBe("succeeded");
    expect(await readFile(join(proj, "NOTES.md"), "utf8")).toBe("edited since");
    expect(device.notices.map((notice) => notice.kind)).toContain("disconnected");
  });

  it("is the same device after its own restart, and remembers what it wrote", async () => {
    const hellos: DeviceHello[] = [];
    const outcomes: DeviceResult[] = [];
    let { done, settle } = conversation<void>();
    const call = makeCall(1, "write_file", { path: "NOTES.md", content: "once" });
    const device = await startDevice({
      socket: async (socket) => {
        const next = reader(socket);
        hellos.push(DeviceHello.parse(await next()));
        send(socket, WELCOME);
        send(socket, call);
        outcomes.push(DeviceResult.parse(await next()));
        settle();
      },
    });
    await done;
    await device.end();
    ({ done, settle } = conversation<void>());
    const room = await device.open();
    const stop = new AbortController();
    const running = room.run(stop.signal);
    await done;
    stop.abort();
    await running;
    await room.close();
    expect(hellos.map((hello) => hello.device_id)).toEqual([null, DEVICE]);
    expect(outcomes[1]).toEqual(outcomes[0]);
  });

  it("carries out nothing before the welcome", async () => {
    const { done, settle } = conversation<unknown>();
    const device = await startDevice({
      socket: async (socket) => {
        const next = reader(socket);
        await next();
        send(socket, makeCall(1, "write_file", { path: "early", content: "x" }));
        send(socket, WELCOME);
        send(socket, makeCall(2, "list_directory", {}));
        settle(await next());
      },
    });
    expect(DeviceResult.parse(await done).call_id).toBe(callId(2));
    expect(await readdir(device.proj)).not.toContain("early");
  });

  it("leaves for good when it is welcomed as somebody else's", async () => {
    const device = await startDevice({
      socket: (socket) => {
        send(socket, { ...WELCOME, user_id: "usr_01K9Z8Q3T5E6R7Y8V9W0X1Z2ZZ" });
        send(socket, makeCall(1, "write_file", { path: "x", content: "x" }));
      },
    });
    await expect(device.running).rejects.toBeInstanceOf(WrongWelcome);
    expect(await readdir(device.proj)).not.toContain("x");
  });

  it("answers a foreign call with a refusal and passes over frames it cannot read", async () => {
    const { done, settle } = conversation<unknown>();
    const device = await startDevice({
      socket: async (socket) => {
        const next = reader(socket);
        await next();
        send(socket, WELCOME);
        socket.send("not json");
        send(socket, { type: "shutdown" });
        send(socket, { type: "refused", code: "malformed", message: "\u001b[2Jhm" });
        send(
          socket,
          makeCall(1, "read_file", { path: "README.md" }, { project_id: "proj_01K9Z8Q3T5E6R7Y8V9W0X1Z2ZZ" }),
        );
        settle(await next());
      },
    });
    expect(DeviceResult.parse(await done).outcome).toMatchObject({ status: "failed", code: "foreign_call" });
    expect(device.notices.filter((notice) => notice.kind === "ignored")).toHaveLength(2);
    const lines = device.notices.map(describeNotice).join("\n");
    expect(lines).not.toContain("\u001b");
    expect(lines).toContain("␛[2Jhm");
  });

  it("offers no writing when it is read-only, and refuses it all the same", async () => {
    const { done, settle } = conversation<[DeviceHello, DeviceResult]>();
    await startDevice(
      {
        socket: async (socket) => {
          const next = reader(socket);
          const hello = DeviceHello.parse(await next());
          send(socket, WELCOME);
          send(socket, makeCall(1, "write_file", { path: "x", content: "x" }));
          settle([hello, DeviceResult.parse(await next())]);
        },
      },
      { readOnly: true },
    );
    const [hello, result] = await done;
    expect(hello).toMatchObject({ read_only: true, tools: ["read_file", "list_directory"] });
    expect(result.outcome).toMatchObject({ code: "read_only" });
  });

  it("ends with the server's reason when it may not connect", async () => {
    const device = await startDevice({
      refuse: () => 403,
      socket: () => {},
      http: () => problem(403, "insufficient_scope"),
    });
    await expect(device.running).rejects.toMatchObject({ code: "insufficient_scope" });
  });

  it("lets one process at a time be a device", async () => {
    const device = await startDevice({ socket: () => {} });
    await expect(device.open()).rejects.toThrow(`Process ${process.pid} already connects`);
  });
});
