// What makes a space go on: after every commit, on every alarm, and when the object was just started, whatever may happen
// next is set going, and the alarm is set for what must happen later.
import type { LoggedEvent, Signal } from "#schema/events/index.ts";
import type { Core } from "./core.ts";
import type { Organs } from "./organs.ts";

/** How soon work in hand is looked at again when nothing happens: what bounds recovery after a crash, ms. */
const LEASE_MS = 2_500;

export class Pulse {
  readonly #organs: () => Organs;
  #wake: number | null = null;
  #pumping = false;
  #again = false;

  constructor(organs: () => Organs) {
    this.#organs = organs;
  }

  /** After every commit: listeners hear of it, waiting callers go on, and whatever may start now starts. */
  committed(events: readonly LoggedEvent[], signals: readonly Signal[]): void {
    const { approvals, waiters, agents, core, clock, engines, interactions } = this.#organs();
    const touched: string[] = [];
    for (const event of events) {
      approvals.heed(event);
      clock.heed(event);
      engines.heed(event);
      interactions.heed(event);
      // Before the secrets: what is learned from a run is kept under the passphrase it brought.
      this.#organs().learning.heed(event);
      core.secrets.heed(event);
      if (event.type === "run.completed" || event.type === "run.failed" || event.type === "run.cancelled")
        waiters.ended(event.data.run_id);
      touched.push(...agentsOf(core, event));
    }
    core.hub.publish(events, [...signals, ...agents.statusChanges(touched)]);
    this.#organs().projecting.heed();
    // What is due at once is begun at once: an alarm for it would be several writes to the disk.
    this.#organs().learning.look();
    this.pump();
  }

  /** Everything whose time has come. */
  async alarm(): Promise<void> {
    const { ownership, times, approvals, calls, serverCalls, turns, clock, anchoring, appointments, engines } =
      this.#organs();
    times.fired();
    if (ownership.current === null) return;
    approvals.expire();
    calls.expire();
    serverCalls.expire();
    engines.expire();
    turns.endOverdue();
    clock.endOverdue();
    this.pump();
    await appointments.sendDue();
    this.#organs().interactions.flushDue();
    await this.#organs().redactions.deleteContents();
    this.#organs().projecting.remind();
    this.#organs().learning.look();
    await anchoring.anchor(false);
    this.#arm();
  }

  /** The object was just started: what was under way when it stopped goes on. */
  async recover(): Promise<void> {
    const { ownership, times, devices, serverCalls, interrupted } = this.#organs();
    await times.load();
    if (ownership.current === null) return;
    // Nothing new is set going before every interrupted call is counted.
    this.#pumping = true;
    try {
      this.#organs().projecting.recover();
      this.#organs().interactions.recover();
      this.#organs().learning.recover();
      devices.noticeLost();
      serverCalls.resumeInterrupted();
      await interrupted.resume();
    } finally {
      this.#pumping = false;
    }
    this.pump();
  }

  /** Starts whatever may start. What that commits is noticed and looked at again, without recursion. */
  pump(): void {
    const { calls, serverCalls, turns } = this.#organs();
    this.#again = true;
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#again) {
        this.#again = false;
        calls.dispatch();
        serverCalls.dispatch();
        this.#wake = turns.drive();
      }
    } finally {
      this.#pumping = false;
    }
    this.#arm();
  }

  #arm(): void {
    const { core, times, turns, approvals, calls, serverCalls, clock, anchoring, appointments, engines } =
      this.#organs();
    let working = serverCalls.busy;
    for (const turn of core.tables.turns.values()) working ||= turn.state === "thinking";
    times.arm(
      core.now(),
      working ? core.now() + LEASE_MS : null,
      this.#wake,
      turns.nextOverdue(),
      clock.next(),
      approvals.nextDeadline(),
      calls.nextDeadline(),
      anchoring.due(),
      this.#organs().projecting.due(anchoring.due()),
      appointments.due(),
      this.#organs().redactions.due(),
      this.#organs().interactions.due(anchoring.due()),
      engines.nextDeadline(),
      this.#organs().learning.due(),
    );
  }
}

/** Whose status an event may have changed. */
const agentsOf = ({ tables }: Core, event: LoggedEvent): string[] => {
  if (event.run_id === null) return [];
  if (event.type.startsWith("run.")) return [tables.runs.get(event.run_id)?.agentId ?? []].flat();
  if ("step_id" in event.data && event.type.startsWith("step."))
    return [tables.steps.get(String(event.data.step_id))?.agentId ?? []].flat();
  return [];
};
