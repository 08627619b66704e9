// Carries out what an agent wants remembered. It is one call of the user's memory; made again after a crash it writes the same
// memory once more, which is none the more. A run that brought a passphrase writes nothing in plain.

import { agentIdOf, roomIdOf, runIdOf, toolCallIdOf } from "#domain/events/ids.ts";
import type { MemoryKeeper } from "#domain/memory/port.ts";
import { MEMORY_WRITE, memoryOfCall } from "#domain/memory/write-call.ts";
import type { ServerOutcome } from "#domain/tools/server-tools.ts";
import { ToolArguments } from "#schema/frames.ts";
import type { ToolCallRow } from "#schema/space/read-models.ts";
import type { Core } from "./core.ts";
import { memoryWriter } from "./memory-writer.ts";
import { ownRun } from "./scenes.ts";
import { readBefore } from "./taint.ts";

const failed = (code: string, message: string): ServerOutcome => ({ status: "failed", code, message });

export class MemoryWrites {
  readonly #core: Core;
  readonly #memory: MemoryKeeper;

  constructor(core: Core, memory: MemoryKeeper) {
    this.#core = core;
    this.#memory = memory;
  }

  /** True for a tool that is carried out here. */
  makes(tool: string): boolean {
    return tool === MEMORY_WRITE;
  }

  /** Writes it down, and says what became of it. */
  async make(callId: string, args: Readonly<Record<string, unknown>>): Promise<ServerOutcome> {
    const core = this.#core;
    const call = core.tables.toolCalls.get(callId);
    const run = call === null ? null : ownRun(core, call.runId);
    if (call === null || run === null) return failed("cancelled", "Its run is gone.");
    const wanted = ToolArguments.memory_write.parse(args);
    const { memoryPassphrase } = core.secrets.of(run.id);
    if (run.brought?.includes("memory_passphrase") === true && memoryPassphrase === null)
      return failed(
        "passphrase_lost",
        "The passphrase that came with the request was lost in a restart; nothing is kept in plain.",
      );
    const { projectId } = core.owner();
    const memory = memoryOfCall(wanted, {
      id: toolCallIdOf(call.id),
      projectId,
      roomId: roomIdOf(call.roomId),
      runId: runIdOf(run.id),
      agentId: agentIdOf(this.#agentOf(call, run.agentId)),
      approved: call.approvalId !== null,
      tainted: readBefore(core, run, call),
    });
    const kept = await this.#memory.remember(memoryWriter(core, memoryPassphrase), [memory]);
    if (!kept.ok) return failed(kept.refusal.code, kept.refusal.detail ?? "The memory did not take it.");
    const [first] = kept.value;
    if (first?.kept !== true)
      return failed(first?.refusal.code ?? "internal", first?.refusal.detail ?? "The memory did not take it.");
    const content = first.changed ? "Remembered." : "That was remembered already.";
    return { status: "succeeded", content, bytes: content.length, truncated: false };
  }

  #agentOf(call: ToolCallRow, runAgentId: string): string {
    return this.#core.tables.turns.get(call.stepId)?.agentId ?? runAgentId;
  }
}
