// What a space tells the account-wide read side about itself: finished entries to put in place, and sums to add. Everything
// after one position of its log up to another, so that each event is counted once.

/** A session, as a list over all projects shows it. */
export interface SessionEntry {
  readonly id: string;
  readonly title: string;
  readonly createdAt: string;
  /** When something was last said in it. */
  readonly updatedAt: string;
}

/** A run: what was asked for, how far it is and what it took. Holds no words of the conversation. */
export interface RunEntry {
  readonly id: string;
  readonly sessionId: string;
  readonly mode: string;
  readonly status: string;
  readonly agentId: string | null;
  readonly agentName: string | null;
  readonly errorCode: string | null;
  readonly modelCalls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number;
  readonly createdAt: string;
  readonly endedAt: string | null;
  readonly durationMs: number | null;
}

/** An approval without its arguments: those are the user's content and stay in the space. */
export interface ApprovalEntry {
  readonly id: string;
  readonly kind: string;
  readonly status: string;
  readonly tool: string;
  readonly sessionId: string | null;
  readonly runId: string | null;
  readonly agentId: string | null;
  readonly agentName: string | null;
  readonly requestedAt: string;
  readonly expiresAt: string;
  readonly decidedAt: string | null;
}

/** Model calls of one UTC day, agent and model, to be added to what is there. */
export interface UsageIncrement {
  readonly day: string;
  /** The agent's id; for a call no agent made, the principal that did. */
  readonly agentId: string;
  readonly agentName: string;
  readonly model: string;
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costMicros: number;
  /** Calls of models whose price is not known: their cost is not in the sum. */
  readonly unpricedCalls: number;
}

/** What may happen on a day and is counted. */
export interface DayCounts {
  readonly runs: number;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly approvalsRequested: number;
  readonly approvalsApproved: number;
  readonly approvalsRejected: number;
  readonly approvalsResponded: number;
  readonly approvalsExpired: number;
}

/** Counts of one UTC day, to be added to what is there. */
export interface DayIncrement extends DayCounts {
  readonly day: string;
}

/** Everything that changed after one position of the log, up to `through`. */
export interface SpaceChanges {
  /** The last event this speaks of; the position asked about when nothing came after it. */
  readonly through: number;
  /** The last event there is. */
  readonly head: number;
  readonly sessions: readonly SessionEntry[];
  readonly deletedSessions: readonly string[];
  readonly runs: readonly RunEntry[];
  readonly approvals: readonly ApprovalEntry[];
  readonly usage: readonly UsageIncrement[];
  readonly days: readonly DayIncrement[];
}
