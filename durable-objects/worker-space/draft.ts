// The rows one commit touches: read once, changed in memory by `evolve`, written once at the end. So three events about one
// run cost one row written.
import type { Zone } from "#schema/events/envelope.ts";
import type { Fact } from "#schema/events/index.ts";
import type { ReadModels } from "./read-models.ts";

const REMEMBERED_STREAMS = 5_000;
/** What a character takes at most in UTF-8, and a message besides its text. */
const BYTES_OF_CHARACTER = 3;
const BESIDES_ITS_TEXT = 1_000;

/** Rows of one table, by id, as this commit leaves them. */
class Sheet<R extends object> {
  readonly #rows = new Map<string, R>();
  readonly #dirty = new Set<string>();
  readonly #load: (id: string) => R | null;
  readonly #save: (row: R) => void;
  readonly #remove: (id: string) => void;
  readonly #gone = new Set<string>();
  readonly #hidden: (row: R) => boolean;

  constructor(
    load: (id: string) => R | null,
    save: (row: R) => void,
    remove: (id: string) => void,
    hidden: (row: R) => boolean,
  ) {
    this.#load = load;
    this.#save = save;
    this.#remove = remove;
    this.#hidden = hidden;
  }

  get(id: string): R | null {
    if (this.#gone.has(id)) return null;
    const known = this.#rows.get(id);
    if (known !== undefined) return known;
    const row = this.#load(id);
    if (row === null || this.#hidden(row)) return null;
    this.#rows.set(id, row);
    return row;
  }

  put(id: string, row: R): void {
    this.#rows.set(id, row);
    this.#dirty.add(id);
    this.#gone.delete(id);
  }

  /** Takes a row out; what the log says of it stays in the log. */
  delete(id: string): void {
    this.#rows.delete(id);
    this.#dirty.delete(id);
    this.#gone.add(id);
  }

  /** Changes a row that must be there: the event that made it came before. */
  change(id: string, change: (row: R) => Partial<R>): void {
    const row = this.get(id);
    if (row === null) throw new Error(`an event speaks of ${id}, which no earlier event made`);
    this.put(id, { ...row, ...change(row) });
  }

  flush(): void {
    for (const id of this.#gone) this.#remove(id);
    for (const id of this.#dirty) {
      const row = this.#rows.get(id);
      if (row !== undefined) this.#save(row);
    }
  }

  /** True when the other one leaves these rows as this one does. */
  agrees(other: Sheet<R>): boolean {
    return [...this.#dirty].every((id) => same(this.#rows.get(id), other.#rows.get(id)));
  }

  /** Puts right, in the table, what differs in the other one; a value that something else has replaced since is left. */
  amend(other: Sheet<R>): void {
    for (const id of this.#dirty) {
      const [mine, right, stored] = [this.#rows.get(id), other.#rows.get(id), this.#load(id)];
      if (mine === undefined || right === undefined || stored === null) continue;
      const amended = amendRow(stored, mine, right);
      if (amended !== null) this.#save(amended);
    }
  }
}

// Rows of the first version keep JSON in the order its members were made in; what it says is what counts.
const inOrder = (_: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
    : value;

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one, inOrder) === JSON.stringify(other, inOrder);

/** The stored row with every value of `mine` that differs in `right` replaced by that one; null when there is none. */
const amendRow = <R extends object>(stored: R, mine: R, right: R): R | null => {
  const differs = Object.keys(mine).filter((column) => {
    const value: unknown = Reflect.get(mine, column);
    return !same(value, Reflect.get(right, column)) && same(value, Reflect.get(stored, column));
  });
  if (differs.length === 0) return null;
  return { ...stored, ...Object.fromEntries(differs.map((column) => [column, Reflect.get(right, column)])) };
};

/** Says which stored rows are as if they were not there. */
export type Hidden = (row: object) => boolean;
const NOTHING_HIDDEN: Hidden = () => false;

type RowOf<S extends { readonly get: (...key: never[]) => object | null }> = NonNullable<ReturnType<S["get"]>>;

export class Draft {
  readonly rooms: Sheet<RowOf<ReadModels["rooms"]>>;
  readonly runs: Sheet<RowOf<ReadModels["runs"]>>;
  readonly toolCalls: Sheet<RowOf<ReadModels["toolCalls"]>>;
  readonly approvals: Sheet<RowOf<ReadModels["approvals"]>>;
  readonly agents: Sheet<RowOf<ReadModels["agents"]>>;
  readonly agentStats: Sheet<RowOf<ReadModels["agentStats"]>>;
  readonly artifacts: Sheet<RowOf<ReadModels["artifacts"]>>;
  readonly devices: Sheet<RowOf<ReadModels["devices"]>>;
  readonly threads: Sheet<RowOf<ReadModels["threads"]>>;
  readonly steps: Sheet<RowOf<ReadModels["steps"]>>;
  readonly plans: Sheet<RowOf<ReadModels["plans"]>>;
  readonly incidents: Sheet<RowOf<ReadModels["incidents"]>>;
  readonly rules: Sheet<RowOf<ReadModels["rules"]>>;
  readonly allowedHosts: Sheet<RowOf<ReadModels["allowedHosts"]>>;
  readonly redactions: Sheet<RowOf<ReadModels["redactions"]>>;
  readonly #tables: ReadModels;
  readonly #streams = new Map<string, number>();
  readonly #heads = new Set<string>();
  readonly #versions: RowOf<ReadModels["agentVersions"]>[] = [];
  readonly #messages: RowOf<ReadModels["messages"]>[] = [];

  /** `hidden`: what is told again from its beginning must not find what the first telling left. */
  constructor(tables: ReadModels, hidden: Hidden = NOTHING_HIDDEN) {
    const sheetOf = <R extends object>(store: {
      get(id: string): R | null;
      put(row: R): void;
      delete(id: string): void;
    }): Sheet<R> =>
      new Sheet<R>(
        (id) => store.get(id),
        (row) => store.put(row),
        (id) => store.delete(id),
        hidden,
      );
    this.#tables = tables;
    this.rooms = sheetOf(tables.rooms);
    this.runs = sheetOf(tables.runs);
    this.toolCalls = sheetOf(tables.toolCalls);
    this.approvals = sheetOf(tables.approvals);
    this.agents = sheetOf(tables.agents);
    this.agentStats = sheetOf(tables.agentStats);
    this.artifacts = sheetOf(tables.artifacts);
    this.devices = sheetOf(tables.devices);
    this.threads = sheetOf(tables.threads);
    this.steps = sheetOf(tables.steps);
    this.plans = sheetOf(tables.plans);
    this.incidents = sheetOf(tables.incidents);
    this.rules = sheetOf(tables.rules);
    this.allowedHosts = sheetOf(tables.allowedHosts);
    this.redactions = sheetOf(tables.redactions);
  }

  addAgentVersion(row: RowOf<ReadModels["agentVersions"]>): void {
    this.#versions.push(row);
  }

  /**
   * The newest messages of a room's main thread up to a point of the log, newest first, as this commit leaves them: so many, or
   * at least so much of their text. What is made of them must not hang on how they are read, or a replay would differ.
   */
  newestMessages(
    room: RowOf<ReadModels["rooms"]>,
    upToSeq: number,
    limit: number,
    characters: number,
  ): RowOf<ReadModels["messages"]>[] {
    const stored = this.#tables.messages.windowOf(
      limit,
      characters * BYTES_OF_CHARACTER + limit * BESIDES_ITS_TEXT,
      "where room_id = ? and thread_id = ? and seq <= ? order by stream_seq desc limit ?",
      room.id,
      room.threadId,
      upToSeq,
    ).rows;
    const pending = this.#messages.filter(
      (one) => one.roomId === room.id && one.threadId === room.threadId && one.seq <= upToSeq,
    );
    return [...pending, ...stored].sort((a, b) => b.streamSeq - a.streamSeq).slice(0, limit);
  }

  addMessage(row: RowOf<ReadModels["messages"]>): void {
    this.#messages.push(row);
  }

  /**
   * The next position in the fact's own stream. Runs and rooms keep theirs in their read models (a room's newest message
   * row is its head), so that counting costs no row of its own; the few other streams have a small table.
   */
  nextInStream({ stream }: Fact): number {
    const key = `${stream.type}:${stream.id}`;
    const { lastInStream } = this.#tables;
    const next = (this.#streams.get(key) ?? lastInStream.get(key) ?? this.#lastInStream(stream.type, stream.id)) + 1;
    this.#streams.set(key, next);
    if (stream.type !== "run" && stream.type !== "room") this.#heads.add(key);
    return next;
  }

  /** How dangerous the place is where a fact happens, as earlier facts left it: every event says so. */
  zoneOf(roomId: string | null): Zone {
    return (roomId === null ? null : this.rooms.get(roomId)?.zone) ?? "supervised";
  }

  /** Writes everything that changed. */
  flush(): void {
    if (this.#tables.lastInStream.size > REMEMBERED_STREAMS) this.#tables.lastInStream.clear();
    for (const [stream, seq] of this.#streams) this.#tables.lastInStream.set(stream, seq);
    for (const sheet of [
      this.rooms,
      this.runs,
      this.toolCalls,
      this.approvals,
      this.agents,
      this.agentStats,
      this.artifacts,
      this.devices,
      this.threads,
      this.steps,
      this.plans,
      this.incidents,
      this.rules,
      this.allowedHosts,
      this.redactions,
    ])
      sheet.flush();
    for (const version of this.#versions) this.#tables.agentVersions.put(version);
    for (const message of this.#messages) this.#tables.messages.put(message);
    for (const stream of this.#heads) this.#tables.streamHeads.put({ stream, seq: this.#streams.get(stream) ?? 0 });
  }

  /** Puts right, in the tables, what another telling of the same events, without somebody's words, leaves otherwise. */
  amend(other: Draft): void {
    this.rooms.amend(other.rooms);
    this.threads.amend(other.threads);
    this.runs.amend(other.runs);
    this.steps.amend(other.steps);
    this.plans.amend(other.plans);
    this.toolCalls.amend(other.toolCalls);
    this.approvals.amend(other.approvals);
    this.artifacts.amend(other.artifacts);
    this.agentStats.amend(other.agentStats);
    this.devices.amend(other.devices);
    this.incidents.amend(other.incidents);
    this.rules.amend(other.rules);
    this.allowedHosts.amend(other.allowedHosts);
    this.#messages.forEach((mine, i) => {
      const right = other.#messages[i];
      if (right === undefined || same(mine, right)) return;
      // A message is copied into the rooms that continue its own, under the same number.
      for (const stored of this.#tables.messages.find("where seq = ?", mine.seq)) {
        const amended = amendRow(stored, mine, right);
        if (amended !== null) this.#tables.messages.put(amended);
      }
    });
  }

  #lastInStream(type: string, id: string): number {
    if (type === "run") return this.runs.get(id)?.streamSeq ?? 0;
    if (type !== "room") return this.#tables.streamHeads.get(`${type}:${id}`)?.seq ?? 0;
    const [newest] = this.#tables.sql.exec<{ n: number | null }>(
      "select max(stream_seq) as n from messages where room_id = ?",
      id,
    );
    return Math.max(newest?.n ?? 0, this.rooms.get(id)?.streamSeq ?? 0);
  }
}
