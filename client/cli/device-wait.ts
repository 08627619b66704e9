// Tells of tool calls that wait for a device. The log says when a call may be made and when it left for a device; one that may
// be made and does not leave at once has no device that could make it, and waits for one to be connected.
import { DeviceToolName } from "#schema/api/agents.ts";

/** Where there is a device, a call leaves in the moment it may be made; its two frames come together. */
const LEAVES_WITHIN_MS = 300;

const ofDevice = (tool: string): boolean => DeviceToolName.safeParse(tool).success;

/** The calls of one run that have not left. */
export class DeviceWait {
  readonly #say: (prefix: string) => void;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #told = new Set<string>();

  /** `say` is called once for all that wait at the same time. */
  constructor(say: (prefix: string) => void) {
    this.#say = say;
  }

  /** A call may be made now. */
  allowed(callId: string, tool: string, prefix: string): void {
    if (!ofDevice(tool) || this.#timers.has(callId)) return;
    const timer = setTimeout(() => {
      if (this.#told.size === 0) this.#say(prefix);
      this.#told.add(callId);
    }, LEAVES_WITHIN_MS);
    this.#timers.set(callId, timer);
  }

  /** A device has it, or it needs none any more; true when it was told that it waits. */
  left(callId: string): boolean {
    clearTimeout(this.#timers.get(callId));
    this.#timers.delete(callId);
    return this.#told.delete(callId);
  }

  /** The run is over: nothing is said any more. */
  end(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#told.clear();
  }
}
