// Which answers an event makes stale. Events say what happened; what pages show of it is asked for again.

/** What becomes stale: the first word of a query's key, and whether it is the one of this project or of the account. */
export interface Stale {
  readonly key:
    | "sessions"
    | "agents"
    | "space"
    | "approvals"
    | "schedules"
    | "incidents"
    | "runs"
    | "hosts"
    | "kill-switch"
    | "memory"
    | "usage";
  readonly of: "project" | "account";
}

const project = (key: Stale["key"]): Stale => ({ key, of: "project" });
const APPROVALS: Stale = { key: "approvals", of: "account" };

const AFTER: Readonly<Record<string, readonly Stale[]>> = {
  room: [project("sessions")],
  message: [project("sessions")],
  agent: [project("agents"), project("space")],
  device: [project("space")],
  approval: [APPROVALS],
  run: [project("runs")],
  incident: [project("incidents")],
  schedule: [project("schedules")],
  egress: [project("hosts")],
  policy: [project("kill-switch")],
  memory: [{ key: "memory", of: "account" }],
};

// Not of every event of a run: figures are asked for when there is something new to sum, and few calls are free.
const WHEN_A_RUN_ENDS: readonly Stale[] = [{ key: "usage", of: "account" }, project("schedules")];
const isEnd = (type: string): boolean => /^run\.(completed|failed|cancelled)$/.test(type);

/** What an event of this dotted type makes stale. Signals change nothing that is stored, but for an agent's status. */
export const staleAfter = (type: string, stored: boolean): readonly Stale[] => {
  if (!stored) return type === "agent.status_changed" ? [project("agents"), project("space")] : [];
  const [family = ""] = type.split(".", 1);
  const known = Object.hasOwn(AFTER, family) ? (AFTER[family] ?? []) : [];
  return isEnd(type) ? [...known, ...WHEN_A_RUN_ENDS] : known;
};
