// The call by which an agent remembers something, and what it is worth. Text that a tool read may hold instructions; a core
// block is in every prompt from then on, so what was written after such reading goes there only with a person's yes, and
// anywhere else is marked as a tool's.
import type { AgentId, ProjectId, RoomId, RunId, ToolCallId } from "#schema/ids.ts";
import type { NewMemory } from "#schema/memory.ts";

/** The tool's name. */
export const MEMORY_WRITE = "memory_write";

/** Tools that bring strangers' text into a turn. */
export const READING_TOOLS: readonly string[] = [
  "read_file",
  "list_directory",
  "web_fetch",
  "web_search",
  "call_agent",
];

type Arguments = Readonly<Record<string, unknown>>;

/** True for a call that would write a core block. */
export const writesCore = (tool: string, args: Arguments): boolean => tool === MEMORY_WRITE && args.type === "core";

/** A call as it was allowed. */
export interface WriteCall {
  readonly id: ToolCallId;
  readonly projectId: ProjectId;
  readonly roomId: RoomId;
  readonly runId: RunId;
  readonly agentId: AgentId;
  /** A person has approved exactly this. */
  readonly approved: boolean;
  /** Its turn had read what a tool brought. */
  readonly tainted: boolean;
}

/** What the call is to be remembered as. The call's own id makes a repeat after a crash harmless. */
export const memoryOfCall = (
  args: {
    readonly type: "core" | "associative";
    readonly key?: string | undefined;
    readonly entity_type?: string | undefined;
    readonly entity?: string | undefined;
    readonly value: string;
  },
  call: WriteCall,
): NewMemory => {
  const entity = args.entity ?? "";
  return {
    content:
      args.type === "core"
        ? { type: "core", key: args.key ?? "", value: args.value }
        : {
            type: "associative",
            entity_type: args.entity_type ?? "thing",
            entity_id: entity,
            label: entity,
            text: args.value,
            metadata: {},
          },
    trust: call.approved ? "user" : call.tainted ? "tool" : "model",
    provenance: {
      source: "agent",
      project_id: call.projectId,
      room_id: call.roomId,
      run_id: call.runId,
      agent_id: call.agentId,
      tool_call_id: call.id,
    },
    onceKey: `call:${call.id}`,
  };
};
