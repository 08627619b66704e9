// The devices' sockets: who is connected, and the frames that go to and come from them. Hibernatable; which device a socket
// is, is kept in its attachment. Decides nothing about calls: that is tool-calls.ts.
import { z } from "zod";
import { fact } from "#domain/events/facts.ts";
import { DEVICE_PROTOCOL, type DeviceHello, type DeviceResult, FromDevice, type ToDevice } from "#schema/frames.ts";
import { type DeviceId, idOf, isId, keyOf } from "#schema/ids.ts";
import type { DeviceRow } from "#schema/space/read-models.ts";
import type { Core } from "./core.ts";

/** Tag of these sockets among the object's. */
export const DEVICE_TAG = "device";

/** A frame may be as long as the longest result and its JSON. */
const MAX_FRAME = 8_000_000;

const Attachment = z.object({ kind: z.literal("device"), deviceId: idOf("device").nullable(), until: z.number() });

/** What the owner of the links is told. */
export interface DeviceEvents {
  connected(deviceId: DeviceId): void;
  disconnected(deviceId: DeviceId): void;
  result(deviceId: DeviceId, result: DeviceResult): void;
}

export class DeviceLinks {
  readonly #ctx: DurableObjectState;
  readonly #core: Core;
  readonly #events: DeviceEvents;
  /** Newest last: the last one is preferred for new calls. */
  readonly #sockets = new Map<DeviceId, WebSocket>();

  constructor(ctx: DurableObjectState, core: Core, events: DeviceEvents) {
    this.#ctx = ctx;
    this.#core = core;
    this.#events = events;
    for (const socket of ctx.getWebSockets(DEVICE_TAG)) {
      const deviceId = this.#deviceOf(socket);
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
    const now = this.#core.now();
    for (const socket of [...this.#sockets.values()]) {
      if (this.#untilOf(socket) > now) continue;
      closeSocket(socket, 4401, "the credential that opened this has ended: connect again");
      this.closed(socket, 4401, "its credential ended");
    }
    return [...this.#sockets.keys()]
      .reverse()
      .map((id) => this.#core.tables.devices.get(id))
      .filter((row) => row !== null);
  }

  isConnected(deviceId: string): boolean {
    return isId("device", deviceId) && this.#sockets.has(deviceId);
  }

  accept(socket: WebSocket, until: number): void {
    this.#ctx.acceptWebSocket(socket, [DEVICE_TAG]);
    socket.serializeAttachment({ kind: "device", deviceId: null, until } satisfies z.infer<typeof Attachment>);
  }

  send(deviceId: DeviceId, frame: ToDevice): boolean {
    const socket = this.#sockets.get(deviceId);
    return socket !== undefined && sendFrame(socket, frame);
  }

  message(socket: WebSocket, raw: string | ArrayBuffer): void {
    const frame = typeof raw === "string" && raw.length <= MAX_FRAME ? FromDevice.safeParse(parseJson(raw)) : null;
    const deviceId = this.#deviceOf(socket);
    if (this.#untilOf(socket) <= this.#core.now()) {
      closeSocket(socket, 4401, "the credential that opened this has ended: connect again");
      return this.closed(socket, 4401, "its credential ended");
    }
    if (frame === null || !frame.success) {
      if (deviceId !== null) this.#ignored(deviceId, "unreadable", "malformed");
      sendFrame(socket, { type: "refused", code: "malformed", message: `not a frame of ${DEVICE_PROTOCOL}` });
      if (deviceId === null) socket.close(1008, "the first frame must be a hello");
      return;
    }
    if (frame.data.type === "hello") return this.#hello(socket, deviceId, frame.data);
    if (deviceId === null) {
      sendFrame(socket, { type: "refused", code: "hello_first", message: "say hello first" });
      socket.close(1008, "the first frame must be a hello");
      return;
    }
    this.#events.result(deviceId, frame.data);
  }

  closed(socket: WebSocket, code: number, reason: string): void {
    const deviceId = this.#deviceOf(socket);
    // A device that reconnected has a newer socket by now: the old one's end is no news.
    if (deviceId === null || this.#sockets.get(deviceId) !== socket) return;
    this.#sockets.delete(deviceId);
    this.#disconnected(deviceId, code, reason);
  }

  closeAll(code: number, reason: string): void {
    for (const socket of this.#sockets.values()) closeSocket(socket, code, reason);
  }

  /** A frame that will not be acted on is logged, so that a lying device leaves a trace. */
  ignored(deviceId: DeviceId, callId: string, reason: "late" | "duplicate" | "foreign"): void {
    this.#ignored(deviceId, callId, reason);
  }

  #hello(socket: WebSocket, known: DeviceId | null, hello: DeviceHello): void {
    if (known !== null) return;
    const core = this.#core;
    const owner = core.owner();
    const claimed = hello.device_id;
    // A device id of another project, or one nobody was given, is not taken over.
    const ours =
      claimed !== null && keyOf(claimed) === keyOf(owner.projectId) && core.tables.devices.get(claimed) !== null;
    const deviceId = ours ? claimed : core.newId("device");
    // Before it is counted as connected: the first call must not overtake the welcome.
    sendFrame(socket, { type: "welcome", device_id: deviceId, user_id: owner.userId, project_id: owner.projectId });
    const older = this.#sockets.get(deviceId);
    this.#sockets.delete(deviceId);
    this.#sockets.set(deviceId, socket);
    socket.serializeAttachment({ kind: "device", deviceId, until: this.#untilOf(socket) } satisfies z.infer<
      typeof Attachment
    >);
    if (older !== undefined) closeSocket(older, 4001, "this device connected again");
    // What was sent before goes first; the commit below then hands out what is waiting.
    this.#events.connected(deviceId);
    const { name, folder, tools, read_only } = hello;
    core.commit.apply({
      facts: [
        fact(
          "device.connected",
          { device_id: deviceId, name, folder, tools, read_only },
          { stream: { type: "device", id: deviceId } },
          { principal: `user:${owner.userId}` },
        ),
      ],
      work: [],
    });
  }

  #disconnected(deviceId: DeviceId, code: number, reason: string): void {
    this.#core.commit.apply({
      facts: [
        fact(
          "device.disconnected",
          { device_id: deviceId, code, reason: reason.slice(0, 200) },
          { stream: { type: "device", id: deviceId } },
          { principal: "service:space" },
        ),
      ],
      work: [],
    });
    this.#events.disconnected(deviceId);
  }

  #ignored(deviceId: DeviceId, callId: string, reason: "late" | "duplicate" | "foreign" | "malformed"): void {
    this.#core.commit.apply({
      facts: [
        fact(
          "device.result_ignored",
          { device_id: deviceId, call_id: callId.slice(0, 60), reason },
          { stream: { type: "device", id: deviceId } },
          { principal: "service:space" },
        ),
      ],
      work: [],
    });
  }

  #untilOf(socket: WebSocket): number {
    const attachment = Attachment.safeParse(socket.deserializeAttachment());
    return attachment.success ? attachment.data.until : 0;
  }

  #deviceOf(socket: WebSocket): DeviceId | null {
    const attachment = Attachment.safeParse(socket.deserializeAttachment());
    return attachment.success ? attachment.data.deviceId : null;
  }
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

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
