// Rows keep ids as plain text; here they get their kind back, checked.
import {
  type AgentId,
  type ApprovalId,
  type ArtifactId,
  type DeviceId,
  type Id,
  type IdKind,
  type IncidentId,
  isId,
  type MessageId,
  type RoomId,
  type RunId,
  type StepId,
  type ThreadId,
  type ToolCallId,
} from "#schema/ids.ts";

const as = <K extends IdKind>(kind: K, text: string): Id<K> => {
  if (!isId(kind, text)) throw new Error(`a stored ${kind} id is malformed`);
  return text;
};

export const approvalIdOf = (text: string): ApprovalId => as("approval", text);
export const toolCallIdOf = (text: string): ToolCallId => as("toolCall", text);
export const runIdOf = (text: string): RunId => as("run", text);
export const stepIdOf = (text: string): StepId => as("step", text);
export const roomIdOf = (text: string): RoomId => as("room", text);
export const threadIdOf = (text: string): ThreadId => as("thread", text);
export const messageIdOf = (text: string): MessageId => as("message", text);
export const agentIdOf = (text: string): AgentId => as("agent", text);
export const deviceIdOf = (text: string): DeviceId => as("device", text);
export const artifactIdOf = (text: string): ArtifactId => as("artifact", text);
export const incidentIdOf = (text: string): IncidentId => as("incident", text);
