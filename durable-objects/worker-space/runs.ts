// Runs of a space: begun by a message, watched, listed and cancelled.

import { actingFor } from "#domain/events/acting.ts";
import { roomIdOf, threadIdOf } from "#domain/events/ids.ts";
import { keyOfCursor, pageById } from "#domain/paging.ts";
import { acceptMessage } from "#domain/runs/accept.ts";
import { cancelRun } from "#domain/runs/end.ts";
import { asOwnRun } from "#domain/runs/own-run.ts";
import { SCHEDULE } from "#domain/schedules/tick.ts";
import { kindsBrought, NO_SECRETS } from "#schema/api/brought.ts";
import type { Message, PostedMessage } from "#schema/api/chat.ts";
import type { Page, PageQuery } from "#schema/api/common.ts";
import type { Run, RunFilter, RunStatus, ToolCall } from "#schema/api/runs.ts";
import type { RoomId, RunId } from "#schema/ids.ts";
import type { SpaceCaller } from "#schema/principal.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { RunRow } from "#schema/space/read-models.ts";
import type { Approvals } from "./approvals.ts";
import { busTurns } from "./bus-view.ts";
import type { Core } from "./core.ts";
import type { PostMessageCommand } from "./door.ts";
import { openInRoom, runsWithOpenPlans } from "./open-approvals.ts";
import { openPlans } from "./plan-approvals.ts";
import type { Ahead, Recall } from "./recall.ts";
import type { Rooms } from "./rooms.ts";
import type { RunWaiters } from "./run-waiters.ts";
import { ownRun, sceneOf } from "./scenes.ts";
import { runsBefore } from "./turn-request.ts";
import { viewMessage, viewRun, viewToolCall } from "./views.ts";

const ENDED: readonly RunRow["status"][] = ["completed", "failed", "cancelled"];

export class Runs {
  readonly #core: Core;
  readonly #rooms: Rooms;
  readonly #approvals: Approvals;
  readonly #waiters: RunWaiters;
  readonly #recall: Recall;

  constructor(core: Core, rooms: Rooms, approvals: Approvals, waiters: RunWaiters, recall: Recall) {
    this.#core = core;
    this.#rooms = rooms;
    this.#approvals = approvals;
    this.#waiters = waiters;
    this.#recall = recall;
  }

  /** Accepts a message and waits for its run, for so long. A repeat under the same idempotency key finds the first one's run. */
  async post(caller: SpaceCaller, command: PostMessageCommand): Promise<Result<PostedMessage>> {
    const runId = this.#accept(caller, command, await this.#lookUpAhead(command));
    if (!runId.ok) return runId;
    if (!this.#hasEnded(runId.value)) await this.#waiters.wait(runId.value, command.wait_ms);
    return this.#posted(runId.value);
  }

  list(page: PageQuery, { status, mode }: RunFilter): Result<Page<Run>> {
    const conditions: [string, string | undefined][] = [
      ["status", status],
      ["mode", mode],
    ];
    const given = conditions.filter((condition): condition is [string, string] => condition[1] !== undefined);
    const { rows, limit } = this.#core.tables.runs.window(
      page.limit,
      `where ${["id < ?", ...given.map(([column]) => `${column} = ?`)].join(" and ")} order by id desc limit ?`,
      keyOfCursor(page.cursor) ?? "run_~",
      ...given.map(([, value]) => value),
    );
    return ok(pageById(rows, limit, (row) => this.#view(row)));
  }

  view(runId: RunId): Result<Run> {
    const row = this.#core.tables.runs.get(runId);
    return row === null ? refuse("not_found") : ok(this.#view(row));
  }

  /** How these runs stand; unknown ones are left out. */
  statuses(runIds: readonly RunId[]): Record<string, RunStatus> {
    const known = runIds.flatMap((id) => this.#core.tables.runs.get(id) ?? []);
    return Object.fromEntries(known.map(({ id, status }) => [id, status]));
  }

  cancel(caller: SpaceCaller, runId: RunId, reason: string | null): Result<Run> {
    const { tables, commit } = this.#core;
    const row = tables.runs.get(runId);
    if (row === null) return refuse("not_found");
    const by = actingFor(caller).principal;
    const own = asOwnRun(row);
    if (own === null) return refuse("not_cancellable", "an outside engine executes this run");
    const decided = cancelRun(sceneOf(this.#core, own), by, reason, this.#core.given());
    if (!decided.ok) return decided;
    commit.apply(decided.value);
    return this.view(runId);
  }

  /** Cancels everything in hand; returns how many runs that were. */
  cancelAll(reason: string): number {
    return this.#cancel(this.#inHand(), reason);
  }

  /** Cancels what a room has in hand. */
  cancelInRoom(roomId: RoomId, reason: string): number {
    return this.#cancel(
      this.#inHand().filter((runId) => this.#core.tables.runs.get(runId)?.roomId === roomId),
      reason,
    );
  }

  // A run that waits for its plan's approval has no turn in hand.
  #inHand(): string[] {
    const { tables } = this.#core;
    return [...[...tables.turns.values()].map(({ runId }) => runId), ...runsWithOpenPlans(tables)];
  }

  #cancel(runIds: readonly string[], reason: string): number {
    let cancelled = 0;
    for (const runId of new Set(runIds)) {
      const run = ownRun(this.#core, runId);
      if (run === null) continue;
      const by = `user:${this.#core.owner().userId}`;
      const decided = cancelRun(sceneOf(this.#core, run), by, reason, this.#core.given());
      if (!decided.ok) continue;
      this.#core.commit.apply(decided.value);
      cancelled += 1;
    }
    return cancelled;
  }

  toolCalls(runId: RunId, page: PageQuery): Result<Page<ToolCall>> {
    if (this.#core.tables.runs.get(runId) === null) return refuse("not_found");
    const after = keyOfCursor(page.cursor) ?? "";
    const { rows, limit } = this.#core.tables.toolCalls.window(
      page.limit,
      "where run_id = ? and id > ? order by id limit ?",
      runId,
      after,
    );
    return ok(pageById(rows, limit, viewToolCall));
  }

  // Where the agent seems free and the room is there. Nothing hangs on it: all of it is judged again when it is accepted.
  async #lookUpAhead({ room_id, content, to, secrets }: PostMessageCommand): Promise<Ahead | null> {
    const room = this.#rooms.find(room_id);
    if (to.kind !== "agent" || room === null) return null;
    const { tables, log } = this.#core;
    const { id } = to.agent;
    const known = tables.agents.get(id);
    const { name, concurrency_limit } = known === null || known.version < to.agent.version ? to.agent : known.config;
    let inHand = 0;
    for (const turn of tables.turns.values()) if (turn.agentId === id) inHand += 1;
    if (inHand >= concurrency_limit) return null;
    const about = { agent: { id, name }, passphrase: secrets?.memoryPassphrase ?? null };
    const place = { roomId: room.id, threadId: room.threadId };
    return this.#recall.ahead(about, content, () => runsBefore(this.#core, place, log.head.seq + 1));
  }

  #accept(caller: SpaceCaller, command: PostMessageCommand, ahead: Ahead | null): Result<RunId> {
    const { tables, log, commit } = this.#core;
    const acting = actingFor(caller);
    const earlier =
      command.idempotency_key === null ? null : log.byIdempotencyKey(acting.principal, command.idempotency_key);
    if (earlier !== null) {
      if (earlier.type !== "message.posted" || earlier.data.run_id === null) return refuse("idempotency_mismatch");
      // A tick has one run, also when its schedule's words or session were changed before that was written down.
      const same = earlier.data.content === command.content && earlier.room_id === command.room_id;
      if (!same && acting.principal !== SCHEDULE) return refuse("idempotency_mismatch");
      return ok(earlier.data.run_id);
    }
    const room = this.#rooms.find(command.room_id);
    if (room === null) return refuse("not_found");
    const { to, secrets = NO_SECRETS } = command;
    this.#core.projectLimit.note(to.kind === "agent" ? to.projectLimitUsd : to.orchestrator.limits.monthly_budget_usd);
    const state = {
      room: { id: roomIdOf(room.id), threadId: threadIdOf(room.threadId) },
      known: (agentId: string) => tables.agents.get(agentId),
      turns: busTurns(tables),
      nextPosition: log.head.seq + 1,
      openApprovals: this.#approvals.countOpen() === 0 ? [] : openInRoom(tables, room.id),
      openPlans: this.#approvals.countOpen() === 0 ? [] : openPlans(this.#core, room.id),
    };
    const accepted = acceptMessage(
      state,
      {
        acting,
        content: command.content,
        to: command.to,
        metadata: command.metadata,
        idempotencyKey: command.idempotency_key,
        brought: kindsBrought(secrets),
        cache: command.cache,
      },
      this.#core.given(),
    );
    if (!accepted.ok) return accepted;
    const { runId, stepId, decision } = accepted.value;
    // Before the commit: its model is asked as soon as that is done.
    this.#core.secrets.keep(runId, secrets);
    try {
      this.#recall.with(ahead, stepId, () => commit.apply(decision));
    } catch (defect) {
      this.#core.secrets.drop(runId);
      throw defect;
    }
    return ok(runId);
  }

  #posted(runId: RunId): Result<PostedMessage> {
    const { tables } = this.#core;
    const found = tables.runs.get(runId);
    const row = found === null ? null : asOwnRun(found);
    if (row === null) return refuse("not_found");
    const said = this.#messagesAt(row.roomId, row.inputSeq, row.outputSeq);
    const message = said.find(({ seq }) => seq === row.inputSeq);
    if (message === undefined) return refuse("not_found");
    const reply = said.find(({ seq }) => seq === row.outputSeq);
    return ok({ mode: row.mode, run: this.#view(row), message, ...(reply === undefined ? {} : { reply }) });
  }

  // What was just said stands at the end of its room; else newest first, which is found without reading the room.
  #messagesAt(roomId: string, input: number, output: number | null): Message[] {
    const { messages } = this.#core.tables;
    const said = messages.endOf(roomId).rows.filter(({ seq }) => seq === input || seq === output);
    if (said.length === (output === null ? 1 : 2)) return said.map(viewMessage);
    return messages
      .find(
        `where room_id = ? and seq in (?, ?) order by stream_seq desc limit ${output === null ? 1 : 2}`,
        roomId,
        input,
        output,
      )
      .map(viewMessage);
  }

  #hasEnded(runId: RunId): boolean {
    const row = this.#core.tables.runs.get(runId);
    return row !== null && ENDED.includes(row.status);
  }

  #view(row: RunRow): Run {
    return viewRun(this.#core.owner().projectId, row);
  }
}
