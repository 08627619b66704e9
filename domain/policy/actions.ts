// The registry of actions: everything that may be done is here, with what it does to whom. What is not here is denied.

/** What the gate knows about one action. */
export interface ActionRule {
  readonly effect: "read" | "write";
  /** True when it reaches something outside the space: the user's machine, the web, another system. */
  readonly external: boolean;
  /** True when what it changes can be put back as it was. */
  readonly reversible: boolean;
  /** True when it names a host, which must be allowed in this project or is asked about. */
  readonly host: boolean;
  /** Why a person is asked, or why nobody is. */
  readonly reason: string;
}

const reading = { effect: "read", reversible: true, host: false } as const;
const noting = { effect: "write", external: false, reversible: true, host: false } as const;
const leaving = { effect: "write", external: true, reversible: false, host: false } as const;

const ACTIONS: Readonly<Record<string, ActionRule>> = {
  "files.read": { ...reading, external: true, reason: "reads_user_files" },
  // It leaves the space for the user's machine, and what was in the file before is gone.
  "files.write": { ...leaving, reason: "writes_user_files" },
  "web.read": { ...reading, external: true, host: true, reason: "reads_web" },
  "web.search": { ...reading, external: true, reason: "searches_web" },
  "agents.call": { ...reading, external: false, reason: "asks_colleague" },
  // It stays inside, is shown to its owner, and can be deleted there.
  "memory.write": { ...noting, reason: "writes_memory" },
  "external.write": { ...leaving, reason: "writes_outside" },
  // A deleted room keeps its rows, a cancelled run can be made again: nothing is lost.
  "room.manage": { ...noting, reason: "manages_room" },
  "run.cancel": { ...noting, reason: "cancels_run" },
  "message.post": { ...noting, reason: "posts_message" },
  "run.create": { ...noting, reason: "creates_run" },
  "artifact.store": { ...noting, reason: "stores_artifact" },
  "incident.open": { ...noting, reason: "opens_incident" },
};

/** The names of all actions. */
export const ACTION_NAMES: readonly string[] = Object.keys(ACTIONS);

/** The rule of an action; null when there is no such action. */
export const actionNamed = (name: string): ActionRule | null =>
  Object.hasOwn(ACTIONS, name) ? (ACTIONS[name] ?? null) : null;

/** The actions that stay inside the project: what a capability may do when it was told nothing else. */
export const INSIDE_ACTIONS: readonly string[] = ACTION_NAMES.filter((name) => actionNamed(name)?.external === false);
