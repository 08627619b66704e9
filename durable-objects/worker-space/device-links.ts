// The devices' sockets: who is connected, and the frames that go to and come from them. Hibernatable; which device a socket
// is, is kept in its attachment. Decides nothing about calls: that is tool-calls.ts.
import { z } from "zod";
import { fact } from "#domain/events/facts.ts";
import { DEVICE_PROTOCOL, type DeviceHello, type DeviceResult, FromDevice, type ToDevice } from "#schema/frames.ts";
import { type DeviceId, idOf, isId, keyOf } from "#schema/ids.ts";
import type { DeviceRow } from "#schema/space/read-models.ts";
import type { Core } from "./core.ts";
import { frameJson } from "./frame-json.ts";

/** Tag of these sockets among the object's. */
export const DEVICE_TAG = "device";

/** Devices of one space at once. */
const MOST_DEVICES = 16;
/** How long a socket may stay without a hello, ms. */
const HELLO_MS = 10_000;
/** Frames of one connection that are ignored, and logged, before it is closed. */
const MOST_IGNORED = 20;

/** A frame may be as long as the longest result and its JSON. */
const MAX_FRAME = 8_000_000;

const Attachment = z.object({
  kind: z.literal("device"),
  deviceId: idOf("device").nullable(),
  until: z.number(),
  since: z.number(),
});

type Attached = z.infer<typeof Attachment>;

/** What the owner of the links is told. */
export interface DeviceEvents {
  /** The device is there and can be sent calls. */
  connected(deviceId: DeviceId): void;
  disconnected(deviceId: DeviceId): void;
  result(deviceId: DeviceId, result: DeviceResult): void;
}

const HELLO_FIRST = "the first frame must be a hello";

export class DeviceLinks {
  readonly #ctx: DurableObjectState;
  readonly #core: Core;
  readonly #events: DeviceEvents;
  /** Newest last: the last one is preferred for new calls. */
  readonly #sockets = new Map<DeviceId, WebSocket>();
  /** Frames of each connection that were ignored. */
  readonly #ignoredFrames = new WeakMap<WebSocket, number>();

  constructor(ctx: DurableObjectState, core: Core, events: DeviceEvents) {
    this.#ctx = ctx;
    this.#core = core;
    this.#events = events;
    for (const socket of ctx.getWebSockets(DEVICE_TAG)) {
      const deviceId = attached(socket)?.deviceId ?? null;
      if (deviceId !== null) this.#sockets.set(deviceId, socket);
    }
  }

  /** After the object was started: devices the log holds for connected, whose sockets died with the old process, are not. */
  noticeLost(): void {
    for (const device of this.#core.tables.devices.find("where connected = 1")) {
      if (isId("device", device.id) && !this.#sockets.has(device.id))
        this.#disconnected(device.id, 1006, "the server was restarted");
    }
  }

  /** Connected devices, the one to prefer first. One whose credential has ended is let go: it comes back with a fresh one. */
  connected(): DeviceRow[] {
    for (const socket of [...this.#sockets.values()]) this.#letGoIfEnded(socket);
    return [...this.#sockets.keys()]
      .reverse()
      .map((id) => this.#core.tables.devices.get(id))
      .filter((row) => row !== null);
  }

  /** Takes a socket; false when there are too many. Those that never said who they are make room first. */
  accept(socket: WebSocket, until: number): boolean {
    const now = this.#core.now();
    const open = this.#ctx.getWebSockets(DEVICE_TAG);
    const silent = open.filter((other) => {
      const known = attached(other);
      return known !== null && known.deviceId === null && known.since + HELLO_MS <= now;
    });
    for (const other of silent) closeSocket(other, 1008, HELLO_FIRST);
    if (open.length - silent.length >= MOST_DEVICES) return false;
    this.#ctx.acceptWebSocket(socket, [DEVICE_TAG]);
    attach(socket, { kind: "device", deviceId: null, until, since: now });
    return true;
  }

  send(deviceId: DeviceId, frame: ToDevice): boolean {
    const socket = this.#sockets.get(deviceId);
    return socket !== undefined && sendFrame(socket, frame);
  }

  message(socket: WebSocket, raw: string | ArrayBuffer): void {
    const known = attached(socket);
    if (known === null || this.#letGoIfEnded(socket)) return;
    // A connection that was let go, or replaced, may still have frames under way: they are nobody's.
    if (known.deviceId !== null && this.#sockets.get(known.deviceId) !== socket) return;
    const frame = typeof raw === "string" && raw.length <= MAX_FRAME ? FromDevice.safeParse(frameJson(raw)) : null;
    if (frame === null || !frame.success) {
      sendFrame(socket, { type: "refused", code: "malformed", message: `not a frame of ${DEVICE_PROTOCOL}` });
      if (known.deviceId === null) closeSocket(socket, 1008, HELLO_FIRST);
      else this.ignored(known.deviceId, "unreadable", "malformed");
      return;
    }
    if (frame.data.type === "hello") return this.#hello(socket, known, frame.data);
    if (known.deviceId === null) return closeSocket(socket, 1008, HELLO_FIRST);
    this.#events.result(known.deviceId, frame.data);
  }

  closed(socket: WebSocket, code: number, reason: string): void {
    const deviceId = attached(socket)?.deviceId ?? null;
    // A device that reconnected has a newer socket by now: the old one's end is no news.
    if (deviceId === null || this.#sockets.get(deviceId) !== socket) return;
    this.#sockets.delete(deviceId);
    this.#disconnected(deviceId, code, reason);
  }

  closeAll(code: number, reason: string): void {
    for (const socket of this.#ctx.getWebSockets(DEVICE_TAG)) closeSocket(socket, code, reason);
  }

  /**
   * A frame that will not be acted on is logged, so that a lying device leaves a trace; a device that goes on lying is let
   * go, so that its trace stays small.
   */
  ignored(deviceId: DeviceId, callId: string, reason: "late" | "duplicate" | "foreign" | "malformed"): void {
    const data = { device_id: deviceId, call_id: callId.slice(0, 60), reason };
    this.#core.commit.apply({
      facts: [fact("device.result_ignored", data, streamOf(deviceId), { principal: "service:space" })],
      work: [],
    });
    const socket = this.#sockets.get(deviceId);
    if (socket === undefined) return;
    const count = (this.#ignoredFrames.get(socket) ?? 0) + 1;
    this.#ignoredFrames.set(socket, count);
    if (count < MOST_IGNORED) return;
    closeSocket(socket, 1008, "too many frames that nobody asked for");
    this.closed(socket, 1008, "too many frames that nobody asked for");
  }

  #hello(socket: WebSocket, known: Attached, hello: DeviceHello): void {
    if (known.deviceId !== null) return this.ignored(known.deviceId, "hello", "malformed");
    const core = this.#core;
    const owner = core.owner();
    const claimed = hello.device_id;
    // A device id of another project, or one nobody was given, is not taken over.
    const ours =
      claimed !== null && keyOf(claimed) === keyOf(owner.projectId) && core.tables.devices.get(claimed) !== null;
    const deviceId = ours ? claimed : core.newId("device");
    const { name, folder, tools, read_only } = hello;
    const data = { device_id: deviceId, name, folder, tools, read_only };
    core.commit.apply({
      facts: [fact("device.connected", data, streamOf(deviceId), { principal: `user:${owner.userId}` })],
      work: [],
    });
    // Only now is it counted as connected: no call may overtake the welcome.
    sendFrame(socket, { type: "welcome", device_id: deviceId, user_id: owner.userId, project_id: owner.projectId });
    const older = this.#sockets.get(deviceId);
    this.#sockets.delete(deviceId);
    this.#sockets.set(deviceId, socket);
    attach(socket, { ...known, deviceId });
    if (older !== undefined) closeSocket(older, 4001, "this device connected again");
    this.#events.connected(deviceId);
  }

  /** Lets a device go whose credential has ended; true when it did. */
  #letGoIfEnded(socket: WebSocket): boolean {
    if ((attached(socket)?.until ?? 0) > this.#core.now()) return false;
    closeSocket(socket, 4401, "the credential that opened this has ended: connect again");
    this.closed(socket, 4401, "its credential ended");
    return true;
  }

  #disconnected(deviceId: DeviceId, code: number, reason: string): void {
    const data = { device_id: deviceId, code, reason: reason.slice(0, 200) };
    this.#core.commit.apply({
      facts: [fact("device.disconnected", data, streamOf(deviceId), { principal: "service:space" })],
      work: [],
    });
    this.#events.disconnected(deviceId);
  }
}

const streamOf = (deviceId: DeviceId) => ({ stream: { type: "device", id: deviceId } }) as const;

const attached = (socket: WebSocket): Attached | null => {
  const parsed = Attachment.safeParse(socket.deserializeAttachment());
  return parsed.success ? parsed.data : null;
};

const attach = (socket: WebSocket, attachment: Attached): void => socket.serializeAttachment(attachment);

const sendFrame = (socket: WebSocket, frame: ToDevice): boolean => {
  try {
    socket.send(JSON.stringify(frame));
    return true;
  } catch {
    return false;
  }
};

const closeSocket = (socket: WebSocket, code: number, reason: string): void => {
  try {
    socket.close(code, reason);
  } catch {
    // It was gone already.
  }
};
