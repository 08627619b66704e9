// What an agent is doing, as a dot and a word.
import type { AgentStatus } from "#schema/api/agents.ts";
import { Dot, type Tone } from "../../ui/badge.tsx";

/** The colour of a status. */
export const AGENT_TONE: Readonly<Record<AgentStatus, Tone>> = { ready: "ok", busy: "accent", error: "danger" };
const WORDS: Readonly<Record<AgentStatus, string>> = { ready: "Ready", busy: "Busy", error: "Last run failed" };

/** The status; `running` and `queued` when the space told them. */
export const AgentStatusMark = ({
  status,
  running = 0,
  queued = 0,
}: {
  readonly status: AgentStatus;
  readonly running?: number;
  readonly queued?: number;
}) => (
  <span className="inline-flex items-center gap-2 text-xs whitespace-nowrap text-ink-2">
    <Dot tone={running > 0 ? "accent" : AGENT_TONE[status]} live={running > 0} />
    {running > 0 ? `Working on ${running}` : WORDS[status]}
    {queued > 0 ? `, ${queued} waiting` : ""}
  </span>
);
