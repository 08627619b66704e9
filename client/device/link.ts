// The device's line to its worker space: says hello, does what it is called for, answers, and comes back whenever the line
// breaks. Nothing is carried out before a welcome named the very user and project this device was started for. An answer
// that got lost with the line is given again when the server sends the call again: the executor knows what it has done.
import { DEVICE_PROTOCOL, type DeviceHello, type DeviceResult, ToDevice } from "#schema/frames.ts";
import { backoffDelay, pause, RECONNECT } from "../sdk/backoff.ts";
import { explainHandshake } from "../sdk/handshake.ts";
import type { Http } from "../sdk/http.ts";
import { connectText, type Heartbeat, type TextSocket } from "../sdk/text-socket.ts";
import type { CallExecutor } from "./call-executor.ts";
import type { Owner } from "./judge-call.ts";
import type { DeviceNotice } from "./notice.ts";
import { failed } from "./outcome.ts";

/** What the link works with. */
export interface LinkParts {
  readonly http: Http;
  readonly owner: Owner;
  readonly executor: CallExecutor;
  readonly hello: Omit<DeviceHello, "type" | "device_id">;
  /** From an earlier welcome. */
  readonly deviceId: DeviceHello["device_id"];
  /** Keeps the id for the next start. */
  readonly onDeviceId?: (id: NonNullable<DeviceHello["device_id"]>) => Promise<void>;
  readonly notice?: (notice: DeviceNotice) => void;
  readonly heartbeat?: Heartbeat;
}

/** The server welcomed this device as somebody else's: nothing it says may be done. */
export class WrongWelcome extends Error {
  override readonly name = "WrongWelcome";
}

const WELCOME_MS = 15_000;
const STEADY_MS = 5_000;

/** Holds the line of one device. */
export class DeviceLink {
  readonly #parts: LinkParts;
  readonly #notice: (notice: DeviceNotice) => void;
  #deviceId: DeviceHello["device_id"];
  #socket: TextSocket | null = null;
  #welcomed = false;

  constructor(parts: LinkParts) {
    this.#parts = parts;
    this.#deviceId = parts.deviceId;
    this.#notice = parts.notice ?? (() => {});
  }

  /** Works until the signal fires. Throws ApiError when the server refuses for good, WrongWelcome when it is not ours. */
  async run(signal: AbortSignal): Promise<void> {
    const { http, owner, heartbeat } = this.#parts;
    const path = `/my/projects/${owner.projectId}/device`;
    for (let attempt = 0; !signal.aborted; attempt++) {
      const socket = await connectText({
        url: http.url.replace(/^http/, "ws") + path,
        protocol: DEVICE_PROTOCOL,
        token: await http.credentials.token(),
        heartbeat,
        signal,
      });
      let wait = 0;
      if (socket === null) wait = await explainHandshake(http, path, signal);
      else {
        const since = Date.now();
        const why = await this.#serve(socket);
        if (signal.aborted) return;
        if (Date.now() - since > STEADY_MS) attempt = 0;
        this.#notice({ kind: "disconnected", why });
      }
      if (signal.aborted) return;
      const delay = Math.max(wait, backoffDelay(RECONNECT, attempt, Math.random()));
      if (socket === null) this.#notice({ kind: "waiting", ms: delay });
      await pause(delay, signal);
    }
  }

  async #serve(socket: TextSocket): Promise<string> {
    this.#socket = socket;
    socket.send(
      JSON.stringify({ type: "hello", device_id: this.#deviceId, ...this.#parts.hello } satisfies DeviceHello),
    );
    const impatience = setTimeout(() => socket.close(4000, "no welcome"), WELCOME_MS);
    try {
      for await (const text of socket.messages) {
        await this.#hear(text);
        if (this.#welcomed) clearTimeout(impatience);
      }
      const { code, reason, silent } = await socket.ended;
      return silent ? "the server fell silent" : reason === "" ? `connection closed (${code})` : reason;
    } finally {
      clearTimeout(impatience);
      this.#socket = null;
      this.#welcomed = false;
      socket.close();
    }
  }

  async #hear(text: string): Promise<void> {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      this.#notice({ kind: "ignored", why: "a frame that is not JSON" });
      return;
    }
    const parsed = ToDevice.safeParse(json);
    if (!parsed.success) {
      this.#notice({ kind: "ignored", why: "a frame that does not fit its contract" });
      return;
    }
    const frame = parsed.data;
    switch (frame.type) {
      case "welcome":
        return this.#welcome(frame);
      case "tool_call":
        // Not awaited: several calls run side by side, and the line is read meanwhile.
        if (this.#welcomed) void this.#execute(frame);
        else this.#notice({ kind: "ignored", why: "a call before the welcome" });
        return;
      case "tool_cancel":
        if (!this.#parts.executor.cancel(frame.call_id)) return;
        this.#notice({ kind: "cancelled", callId: frame.call_id });
        this.#answer(frame.call_id, failed({ code: "cancelled", message: "It was stopped before it was begun." }));
        return;
      case "refused":
        this.#notice({ kind: "refused", code: frame.code, message: frame.message });
        return;
    }
  }

  async #welcome(frame: Extract<ToDevice, { type: "welcome" }>): Promise<void> {
    const { owner, onDeviceId } = this.#parts;
    if (frame.user_id !== owner.userId || frame.project_id !== owner.projectId)
      throw new WrongWelcome("The server welcomed this device for another user or project");
    if (this.#deviceId !== frame.device_id) {
      this.#deviceId = frame.device_id;
      await onDeviceId?.(frame.device_id);
    }
    this.#welcomed = true;
    this.#notice({ kind: "connected", deviceId: frame.device_id });
  }

  async #execute(frame: Extract<ToDevice, { type: "tool_call" }>): Promise<void> {
    this.#notice({ kind: "called", call: frame });
    const outcome = await this.#parts.executor.run(frame);
    if (outcome === null) return;
    this.#notice({ kind: "answered", call: frame, outcome });
    this.#answer(frame.call_id, outcome);
  }

  #answer(call_id: DeviceResult["call_id"], outcome: DeviceResult["outcome"]): void {
    if (this.#welcomed)
      this.#socket?.send(JSON.stringify({ type: "tool_result", call_id, outcome } satisfies DeviceResult));
  }
}
