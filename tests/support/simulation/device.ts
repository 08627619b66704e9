// A user's machine on the other side of a simulated space: it connects, carries calls out after a while, each once, and says
// the same again when it is asked the same again. Its socket dies with the space's process.
import { type FromDevice, ToDevice } from "#schema/frames.ts";
import type { DeviceId } from "#schema/ids.ts";
import type { SimulatedSpace } from "./space.ts";

/** A call as it came in. */
export type DeviceCall = Extract<ToDevice, { type: "tool_call" }>;

/** The space's end of a socket: only what a space uses of it. */
export class SimulatedSocket {
  #attachment: unknown = null;
  readonly #received: (frame: ToDevice) => void;

  constructor(received: (frame: ToDevice) => void) {
    this.#received = received;
  }

  serializeAttachment(attachment: unknown): void {
    this.#attachment = structuredClone(attachment);
  }

  deserializeAttachment(): unknown {
    return this.#attachment;
  }

  send(text: string): void {
    this.#received(ToDevice.parse(JSON.parse(text)));
  }

  close(): void {}
}

export class SimulatedDevice {
  /** Calls that were carried out, in order. */
  readonly done: string[] = [];
  readonly #space: SimulatedSpace;
  readonly #heard: (call: DeviceCall) => void;
  #id: DeviceId | null = null;
  #socket: WebSocket | null = null;

  constructor(space: SimulatedSpace, heard: (call: DeviceCall) => void) {
    this.#space = space;
    this.#heard = heard;
  }

  /** Connects, with the name it was given before. */
  connect(): void {
    const socket = new SimulatedSocket((frame) => {
      if (frame.type === "welcome") this.#id = frame.device_id;
      if (frame.type === "tool_call") this.#heard(frame);
    }) as unknown as WebSocket;
    this.#socket = socket;
    const { devices } = this.#space.organs;
    devices.accept(socket, Number.MAX_SAFE_INTEGER);
    this.#send(socket, {
      type: "hello",
      device_id: this.#id,
      name: "laptop",
      folder: "project",
      tools: ["read_file", "write_file", "list_directory"],
      read_only: false,
    });
  }

  /** Carries a call out, unless it did before, and says so if it is still connected. */
  answer({ call_id }: DeviceCall): void {
    if (!this.done.includes(call_id)) this.done.push(call_id);
    const socket = this.#socket;
    if (socket === null || !this.#space.sockets.has(socket)) return;
    this.#send(socket, {
      type: "tool_result",
      call_id,
      outcome: { status: "succeeded", content: "written", bytes: 7, truncated: false },
    });
  }

  #send(socket: WebSocket, frame: FromDevice): void {
    this.#space.organs.devices.message(socket, JSON.stringify(frame));
  }
}
