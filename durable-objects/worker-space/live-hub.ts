// Who is listening. Holds nothing but its listeners: what they missed is in the log.
import type { LoggedEvent, Signal } from "#schema/events/index.ts";
import { eventNotice, hears, type Notice, signalNotice, type Topic, topicKey } from "./live-channel.ts";
import { LiveSockets } from "./live-sockets.ts";
import type { LogReader } from "./log-reader.ts";
import { SseListeners } from "./sse-listeners.ts";

export class LiveHub {
  readonly sse: SseListeners;
  readonly sockets: LiveSockets;

  constructor(ctx: DurableObjectState, log: LogReader) {
    this.sse = new SseListeners(log);
    this.sockets = new LiveSockets(ctx, log);
  }

  get hasListeners(): boolean {
    return this.sse.size > 0 || this.sockets.size > 0;
  }

  /** Tells everyone what was committed. Each topic's words are made once, however many listen. */
  publish(events: readonly LoggedEvent[], signals: readonly Signal[]): void {
    if (!this.hasListeners || (events.length === 0 && signals.length === 0)) return;
    const made = new Map<string, Notice[]>();
    const notices = (topic: Topic): Notice[] => {
      const key = topicKey(topic);
      const known = made.get(key);
      if (known !== undefined) return known;
      const fresh = [
        ...events.filter((event) => hears(topic, event, false)).map((event) => eventNotice(topic.dialect, event)),
        ...signals.filter((signal) => hears(topic, signal, true)).map((signal) => signalNotice(topic.dialect, signal)),
      ];
      made.set(key, fresh);
      return fresh;
    };
    this.sockets.publish(notices);
    this.sse.publish(notices);
  }

  closeAll(): void {
    this.sse.closeAll();
    this.sockets.closeAll(1000, "the project was deleted");
  }
}
