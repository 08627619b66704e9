// Ids that say where they live: `<prefix>_<ULID>`. An id minted inside a project carries the project's 40-bit key as the
// first 8 characters of its ULID's random part, so its space is found without an index. The key is an address, never a right.
import { z } from "zod";

/** Every prefix there is, by what it names. */
export const PREFIX = {
  user: "usr",
  project: "proj",
  agent: "agt",
  room: "room",
  thread: "th",
  message: "msg",
  run: "run",
  step: "step",
  toolCall: "tc",
  artifact: "art",
  approval: "appr",
  incident: "inc",
  proposal: "prop",
  skill: "skill",
  device: "dev",
  apiKey: "key",
  session: "sid",
  schedule: "sched",
  capability: "cap",
  memory: "mem",
  document: "doc",
} as const;

/** What an id can name. */
export type IdKind = keyof typeof PREFIX;

declare const brand: unique symbol;
/** An id of one kind; the brand keeps a run's id out of an agent's place. */
export type Id<K extends IdKind> = string & { readonly [brand]: K };
export type UserId = Id<"user">;
export type ProjectId = Id<"project">;
export type AgentId = Id<"agent">;
export type RoomId = Id<"room">;
export type ThreadId = Id<"thread">;
export type MessageId = Id<"message">;
export type RunId = Id<"run">;
export type StepId = Id<"step">;
export type ToolCallId = Id<"toolCall">;
export type ArtifactId = Id<"artifact">;
export type ApprovalId = Id<"approval">;
export type DeviceId = Id<"device">;
export type ApiKeyId = Id<"apiKey">;
export type SessionId = Id<"session">;
export type IncidentId = Id<"incident">;
export type ScheduleId = Id<"schedule">;
export type CapabilityId = Id<"capability">;
export type MemoryId = Id<"memory">;
export type DocumentId = Id<"document">;

const CROCKFORD = "0-9A-HJKMNP-TV-Z";
const KEY_START = 10;
const KEY_LENGTH = 8;

const PATTERNS: ReadonlyMap<string, RegExp> = new Map(
  Object.entries(PREFIX).map(([kind, prefix]) => [kind, new RegExp(`^${prefix}_[0-7][${CROCKFORD}]{25}$`)]),
);
const NEVER = /(?!)/;
const pattern = (kind: IdKind): RegExp => PATTERNS.get(kind) ?? NEVER;

/** The zod schema of one kind of id: a plain string schema (so OpenAPI shows its pattern) whose output carries the brand. */
export const idOf = <K extends IdKind>(kind: K): z.ZodType<Id<K>, string> =>
  z.string().regex(pattern(kind), `must be an id of the form ${PREFIX[kind]}_<ULID>`) as unknown as z.ZodType<
    Id<K>,
    string
  >;

/** True when the text is an id of that kind. */
export const isId = <K extends IdKind>(kind: K, text: string): text is Id<K> => pattern(kind).test(text);

/** The 8-character key inside an id: of the project it was minted in, or of the user or project it names. */
export const keyOf = (id: string): string => {
  const start = id.indexOf("_") + 1 + KEY_START;
  return id.slice(start, start + KEY_LENGTH);
};

/** Composes an id from its three parts; `time` is 10, `key` 8 and `random` 8 Crockford characters. */
export const composeId = <K extends IdKind>(kind: K, time: string, key: string, random: string): Id<K> => {
  const id = `${PREFIX[kind]}_${time}${key}${random}`;
  if (!isId(kind, id)) throw new Error(`not a well-formed ${kind} id`);
  return id;
};

/** Mints ids; `key` is the project's key for everything that lives in a project, absent for users and projects. */
export type MintId = <K extends IdKind>(kind: K, key?: string) => Id<K>;

/** An agent's readable handle (source document 1, with the project added). */
export const agentHandle = (userKey: string, projectKey: string, name: string, version: number): string =>
  `user${userKey}_${projectKey}_${name}_${version}`;

/** The logical name of an agent's context collection. */
export const agentContextName = (userKey: string, projectKey: string, name: string): string =>
  `user${userKey}_${projectKey}_${name}_context`;

/** Takes a handle apart, or returns null. The version part is optional to a caller who wants "the current one". */
export const parseAgentHandle = (
  text: string,
): { userKey: string; projectKey: string; name: string; version: number } | null => {
  const match = new RegExp(`^user([${CROCKFORD}]{8})_([${CROCKFORD}]{8})_([A-Za-z][A-Za-z0-9_-]*)_(\\d+)$`).exec(text);
  if (match === null) return null;
  const [, userKey = "", projectKey = "", name = "", version = "0"] = match;
  return { userKey, projectKey, name, version: Number(version) };
};
