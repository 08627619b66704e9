// Tool calls on their way: an allowed call waits in the ledger for a device, is sent to one, and is settled by its result,
// or by its deadline. A write that was sent stays with the device it was sent to: that device remembers what it has done and
// can be asked again; when it does not come back in time, the write's outcome is unknown and said to be.
import { z } from "zod";
import { deviceIdOf, toolCallIdOf } from "#domain/events/ids.ts";
import { departCall } from "#domain/runs/dispatch.ts";
import type { ToolOutcome } from "#domain/runs/tool-outcome.ts";
import type { DeviceResult } from "#schema/frames.ts";
import { type DeviceId, idOf } from "#schema/ids.ts";
import type { EffectRow } from "#schema/space/work.ts";
import type { CallResults } from "./call-results.ts";
import type { Core } from "./core.ts";
import type { DeviceLinks } from "./device-links.ts";
import { callsOfIteration } from "./open-approvals.ts";
import { externalWriteStopped, groundOf } from "./policy-ground.ts";

const CallPayload = z.object({
  tool: z.string(),
  tool_version: z.number(),
  effect: z.enum(["read", "write"]),
  arguments: z.record(z.string(), z.unknown()),
  arguments_hash: z.string(),
  approval_id: idOf("approval").nullable(),
  agent: z.string(),
});
type CallPayload = z.infer<typeof CallPayload>;

export class ToolCalls {
  readonly #core: Core;
  readonly #links: DeviceLinks;
  readonly #results: CallResults;

  constructor(core: Core, links: DeviceLinks, results: CallResults) {
    this.#core = core;
    this.#links = links;
    this.#results = results;
  }

  /** Sends every waiting call for which a device is connected. */
  dispatch(): void {
    for (const effect of this.#open("pending")) {
      // What is written about one call wakes whatever waits, this included: the others may have left meanwhile.
      if (this.#core.tables.openEffects.get(effect.key)?.state !== "pending") continue;
      const payload = CallPayload.parse(effect.payload);
      const device = this.#links
        .connected()
        .find(
          (candidate) => candidate.tools.includes(payload.tool) && !(payload.effect === "write" && candidate.readOnly),
        );
      if (device === undefined) continue;
      const { tables, commit } = this.#core;
      const call = tables.toolCalls.get(effect.key);
      const turn = call === null ? undefined : tables.turns.get(call.stepId);
      if (call === null || turn === undefined) {
        this.#results.drop(effect.key);
        continue;
      }
      const siblings = callsOfIteration(tables, call).filter((other) => other.id !== call.id);
      const approval = payload.approval_id === null ? null : tables.approvals.get(payload.approval_id);
      const deviceId = deviceIdOf(device.id);
      const { decision, sent } = departCall(
        {
          call,
          siblings,
          turn,
          approval,
          argumentsHash: payload.arguments_hash,
          ground: groundOf(this.#core, call.roomId),
          hostAllowed: false,
          tainted: false,
        },
        deviceId,
        this.#core.given(),
      );
      commit.apply(decision);
      if (sent) this.#send(deviceId, effect, payload);
    }
  }

  /**
   * A device is back: what was sent to it and never answered is sent again. It knows what it has already done. A write is
   * held back while the kill switch is on: the device may not have begun it.
   */
  resend(deviceId: DeviceId): void {
    const stopped = externalWriteStopped(this.#core);
    for (const effect of this.#open("sent")) {
      const payload = CallPayload.parse(effect.payload);
      if (effect.target === deviceId && !(stopped && payload.effect === "write")) this.#send(deviceId, effect, payload);
    }
  }

  /** The kill switch was set: devices are told to forget the writes they have not begun. One that has begun is finished. */
  recall(): void {
    for (const effect of this.#open("sent")) {
      const { target } = effect;
      if (target !== null && CallPayload.parse(effect.payload).effect === "write")
        this.#links.send(deviceIdOf(target), { type: "tool_cancel", call_id: toolCallIdOf(effect.key) });
    }
  }

  /** The kill switch was let go: what was held back is sent again, and what waited leaves. */
  resume(): void {
    for (const { id } of this.#links.connected()) this.resend(deviceIdOf(id));
    this.dispatch();
  }

  /** A device is gone: reads it had may go to another one; writes wait for it. */
  release(deviceId: DeviceId): void {
    const reads = this.#open("sent").filter(
      (effect) => effect.target === deviceId && CallPayload.parse(effect.payload).effect === "read",
    );
    this.#core.commit.apply({ facts: [], work: reads.map((effect) => ({ kind: "effect.pending", key: effect.key })) });
  }

  /** A device's answer. Late, duplicate and foreign ones change nothing and are logged. */
  async result(deviceId: DeviceId, { call_id, outcome }: DeviceResult): Promise<void> {
    const effect = this.#core.tables.effects.get(call_id);
    if (effect === null || effect.target !== deviceId) return this.#links.ignored(deviceId, call_id, "foreign");
    if (effect.state === "settled") return this.#links.ignored(deviceId, call_id, "duplicate");
    if (effect.state !== "sent") return this.#links.ignored(deviceId, call_id, "late");
    if (outcome.status !== "succeeded")
      return this.#results.settle(call_id, outcome, `user:${this.#core.owner().userId}`);
    const kept = await this.#results.keepLarge(call_id, outcome.content);
    // Storing took its time: the same answer may have come twice meanwhile, or the call may have been given up.
    if (this.#core.tables.openEffects.get(call_id)?.state !== "sent")
      return this.#links.ignored(deviceId, call_id, "duplicate");
    const bytes = new TextEncoder().encode(outcome.content).byteLength;
    this.#results.settle(
      call_id,
      {
        status: "succeeded",
        result: kept.inline,
        bytes: Math.max(bytes, outcome.bytes),
        truncated: outcome.truncated || kept.truncated,
        artifact: kept.artifact,
      },
      `user:${this.#core.owner().userId}`,
    );
  }

  /** Gives up calls whose time is over. */
  expire(): void {
    const now = this.#core.now();
    for (const effect of [...this.#open("pending"), ...this.#open("sent")]) {
      if (effect.deadline > now) continue;
      const payload = CallPayload.parse(effect.payload);
      const seconds = Math.round((effect.deadline - effect.createdAt) / 1000);
      const outcome: ToolOutcome =
        effect.state === "pending"
          ? {
              status: "failed",
              code: "no_device",
              message: this.#nobodyCould(payload, seconds),
            }
          : payload.effect === "write"
            ? {
                status: "indeterminate",
                message: `The device did not say within ${seconds} s whether it wrote the file.`,
              }
            : { status: "failed", code: "device_timeout", message: `The device did not answer within ${seconds} s.` };
      this.#results.settle(effect.key, outcome, "service:space");
    }
  }

  /** The first deadline, epoch ms; null when nothing is open. */
  nextDeadline(): number | null {
    let next: number | null = null;
    for (const { deadline } of this.#core.tables.openEffects.values()) next = Math.min(next ?? deadline, deadline);
    return next;
  }

  /** Why a call found no device. */
  #nobodyCould({ effect }: CallPayload, seconds: number): string {
    const connected = this.#links.connected();
    if (effect === "write" && connected.length > 0 && connected.every(({ readOnly }) => readOnly))
      return `The device that is connected is read-only, and no other one came within ${seconds} s. The user connects one that may write with: retinue connect <folder>`;
    return `No device that can do this was connected within ${seconds} s. The user connects one with: retinue connect <folder>`;
  }

  #open(state: "pending" | "sent"): EffectRow[] {
    return [...this.#core.tables.openEffects.values()].filter(
      (effect) => effect.kind === "device.call" && effect.state === state,
    );
  }

  #send(deviceId: DeviceId, effect: EffectRow, payload: CallPayload): void {
    const { userId, projectId } = this.#core.owner();
    this.#links.send(deviceId, {
      type: "tool_call",
      call_id: toolCallIdOf(effect.key),
      user_id: userId,
      project_id: projectId,
      tool: payload.tool,
      tool_version: payload.tool_version,
      arguments: payload.arguments,
      arguments_hash: payload.arguments_hash,
      approval_id: payload.approval_id,
      agent: payload.agent,
      deadline: new Date(effect.deadline).toISOString(),
    });
  }
}
