// Runs of outside engines: asked for, claimed by exactly one of them, kept alive, ended once. Leases that ran out are found by
// the alarm, and before anything else is asked.
import { asExternalRun, ENGINE_LIMITS, requestRun, startedFacts } from "#domain/engines/external-run.ts";
import { cancelExternalRun, completeRun, endOverdue, failRun } from "#domain/engines/finish.ts";
import {
  belongsTo,
  claimRun,
  expireLease,
  extendLease,
  failAttempt,
  releaseLease,
  type Shown,
  underLease,
} from "#domain/engines/lease.ts";
import type { OpenWork } from "#domain/engines/open-work.ts";
import { type Acting, actingFor } from "#domain/events/acting.ts";
import { roomIdOf, runIdOf, threadIdOf } from "#domain/events/ids.ts";
import type { Decision } from "#domain/runs/work.ts";
import type { Claim, ClaimBody, Heartbeat, RequestRunBody } from "#schema/api/engines.ts";
import type { Run } from "#schema/api/runs.ts";
import type { LoggedEvent } from "#schema/events/index.ts";
import type { RunId } from "#schema/ids.ts";
import type { SpaceCaller } from "#schema/principal.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { RunRow } from "#schema/space/read-models.ts";
import type { LeaseRow } from "#schema/space/work.ts";
import type { Core } from "./core.ts";
import type {
  CompleteRunCommand,
  FailRunCommand,
  HeartbeatCommand,
  LeaseProof,
  ReleaseCommand,
} from "./engine-door.ts";
import { EngineQueue } from "./engine-queue.ts";
import { canonical, sha256 } from "./event-log.ts";
import type { Rooms } from "./rooms.ts";
import { viewRun } from "./views.ts";

/** A run held by who asks, and who that is. */
export interface HeldRun {
  readonly run: RunRow;
  readonly lease: LeaseRow;
  readonly actor: Acting;
}

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const newToken = (): string => `rtl_${base64url(crypto.getRandomValues(new Uint8Array(32)))}`;

const shownBy = (caller: SpaceCaller, proof: LeaseProof): Shown => ({
  tokenHash: sha256(proof.token),
  fence: proof.fence ?? null,
  principal: actingFor(caller).principal,
});

export class EngineRuns {
  readonly #core: Core;
  readonly #rooms: Rooms;
  readonly #queue: EngineQueue;

  constructor(core: Core, rooms: Rooms) {
    this.#core = core;
    this.#rooms = rooms;
    this.#queue = new EngineQueue(core.tables);
  }

  /** Hears of every committed event. */
  heed(event: LoggedEvent): void {
    this.#queue.heed(event);
  }

  nextDeadline(): number | null {
    return this.#queue.nextDeadline();
  }

  /** How many runs wait for an engine or are with one. */
  countOpen(): number {
    return this.#queue.size;
  }

  /** Takes back what nobody was heard of in time, and ends what took too long. */
  expire(): void {
    const given = this.#core.given();
    for (const id of this.#queue.overdue(given.now))
      this.#close(id, (run, lease, open) => endOverdue(run, lease, open, given));
    for (const id of this.#queue.lapsed(given.now))
      this.#close(id, (run, lease, open) =>
        lease === null || lease.expiresAt > given.now ? null : expireLease(run, lease, open, given),
      );
  }

  request(caller: SpaceCaller, body: RequestRunBody, idempotencyKey: string | null): Result<Run> {
    const { log, commit } = this.#core;
    const actor = actingFor(caller);
    const earlier = idempotencyKey === null ? null : log.byIdempotencyKey(actor.principal, idempotencyKey);
    if (earlier !== null) {
      const same =
        earlier.type === "run.requested" &&
        earlier.data.room_id === body.room_id &&
        earlier.data.title === body.title &&
        canonical(earlier.data.input) === canonical(body.input);
      return same ? this.#view(earlier.data.run_id) : refuse("idempotency_mismatch");
    }
    const room = this.#rooms.find(body.room_id);
    if (room === null) return refuse("not_found");
    if (this.#queue.size >= ENGINE_LIMITS.open)
      return refuse("quota_exceeded", `at most ${ENGINE_LIMITS.open} runs may wait for engines`);
    const place = { id: roomIdOf(room.id), threadId: threadIdOf(room.threadId) };
    const [requested] = commit.apply(requestRun(place, body, idempotencyKey, actor, this.#core.given()));
    if (requested?.run_id === null || requested === undefined) throw new Error("a run was asked for and is not there");
    return this.#view(requested.run_id);
  }

  /** The oldest that waits, or the one that is named. One synchronous decision, so exactly one engine gets it. */
  claim(caller: SpaceCaller, body: ClaimBody): Result<Claim> {
    this.expire();
    const { tables, commit } = this.#core;
    const id = body.run_id ?? this.#queue.first(body.room_id ?? null);
    if (id === null) return ok({ run: null, lease: null });
    const row = tables.runs.get(id);
    if (row === null) return refuse("not_found");
    const run = asExternalRun(row);
    if (run === null) return refuse("not_claimable", "this run is not for an outside engine");
    const token = newToken();
    const claimed = claimRun(
      run,
      tables.leases.get(id),
      { engine: body.engine, ttlMs: body.ttl_seconds * 1000, tokenHash: sha256(token) },
      actingFor(caller),
      this.#core.given(),
    );
    if (!claimed.ok) return claimed;
    commit.apply(claimed.value.decision);
    const { fence, expiresAt } = claimed.value.lease;
    const view = this.#view(id);
    return view.ok
      ? ok({ run: view.value, lease: { token, fence, expires_at: new Date(expiresAt).toISOString() } })
      : view;
  }

  heartbeat(caller: SpaceCaller, runId: RunId, command: HeartbeatCommand): Result<Heartbeat> {
    const held = this.held(caller, runId, command);
    if (!held.ok) return held;
    const { run, lease } = held.value;
    const longer = extendLease(lease, command.ttl_seconds * 1000, this.#core.now());
    this.#core.commit.apply({ facts: [], work: [{ kind: "lease.put", lease: longer }] });
    this.#queue.extend(runId, longer.expiresAt);
    return ok({
      fence: longer.fence,
      expires_at: new Date(longer.expiresAt).toISOString(),
      run_status: run.status,
    });
  }

  release(caller: SpaceCaller, runId: RunId, command: ReleaseCommand): Result<Run> {
    return this.#act(caller, runId, command, ({ run, lease, actor }) =>
      releaseLease(run, lease, this.#open(runId), command.reason ?? null, actor),
    );
  }

  start(caller: SpaceCaller, runId: RunId, proof: LeaseProof): Result<Run> {
    return this.#act(caller, runId, proof, ({ run, lease, actor }) => ({
      facts: startedFacts(run, lease, actor),
      work: [],
    }));
  }

  /** Said twice under the same lease it is answered the same. */
  complete(caller: SpaceCaller, runId: RunId, command: CompleteRunCommand): Result<Run> {
    if (this.#saidBefore(caller, runId, command, "completed")) return this.#view(runId);
    const outcome = { output: command.output ?? null, message: command.message ?? null };
    return this.#act(caller, runId, command, ({ run, lease, actor }) =>
      completeRun(run, lease, this.#open(runId), outcome, actor, this.#core.given()),
    );
  }

  fail(caller: SpaceCaller, runId: RunId, command: FailRunCommand): Result<Run> {
    if (this.#saidBefore(caller, runId, command, "failed")) return this.#view(runId);
    const { error, retry } = command;
    return this.#act(caller, runId, command, ({ run, lease, actor }) => {
      const open = this.#open(runId);
      const given = this.#core.given();
      return retry
        ? failAttempt(run, lease, open, error, actor, given)
        : failRun(run, lease, open, error, actor, given);
    });
  }

  cancel(caller: SpaceCaller, runId: RunId, reason: string | null): Result<Run> {
    const { tables, commit } = this.#core;
    const run = tables.runs.get(runId);
    if (run === null) return refuse("not_found");
    const lease = tables.leases.get(runId);
    const decided = cancelExternalRun(run, lease, this.#open(runId), reason, actingFor(caller), this.#core.given());
    if (!decided.ok) return decided;
    commit.apply(decided.value);
    return this.#view(runId);
  }

  /** Cancels whatever is open, in one room or everywhere; returns how many runs that were. */
  cancelAll(caller: SpaceCaller, roomId: string | null, reason: string): number {
    const open = this.#queue.open(roomId);
    for (const id of open) this.cancel(caller, runIdOf(id), reason);
    return open.length;
  }

  /** True when this run is for an outside engine. */
  owns(runId: RunId): boolean {
    return this.#core.tables.runs.get(runId)?.mode === "external";
  }

  /** The run, if who asks holds it now. */
  held(caller: SpaceCaller, runId: string, proof: LeaseProof): Result<HeldRun> {
    this.expire();
    const { tables } = this.#core;
    const run = tables.runs.get(runId);
    if (run === null) return refuse("not_found");
    const lease = underLease(run, tables.leases.get(runId), shownBy(caller, proof), this.#core.now());
    return lease.ok ? ok({ run, lease: lease.value, actor: actingFor(caller) }) : lease;
  }

  #act(caller: SpaceCaller, runId: RunId, proof: LeaseProof, decide: (held: HeldRun) => Decision): Result<Run> {
    const held = this.held(caller, runId, proof);
    if (!held.ok) return held;
    this.#core.commit.apply(decide(held.value));
    return this.#view(runId);
  }

  #saidBefore(caller: SpaceCaller, runId: RunId, proof: LeaseProof, status: RunRow["status"]): boolean {
    const { tables } = this.#core;
    const lease = tables.leases.get(runId);
    return (
      tables.runs.get(runId)?.status === status && lease?.state === "ended" && belongsTo(lease, shownBy(caller, proof))
    );
  }

  #close(id: string, decide: (run: RunRow, lease: LeaseRow | null, open: OpenWork) => Decision | null): void {
    const run = this.#core.tables.runs.get(id);
    const decision = run === null ? null : decide(run, this.#core.tables.leases.get(id), this.#open(id));
    if (decision !== null) this.#core.commit.apply(decision);
  }

  #open(runId: string): OpenWork {
    const { steps, toolCalls, approvals } = this.#core.tables;
    return {
      steps: steps.find("where run_id = ? and ended_at is null order by id", runId),
      calls: toolCalls.find("where run_id = ? and ended_at is null order by id", runId),
      approvals: approvals.find("where status = 'pending' and run_id = ? order by id", runId),
    };
  }

  #view(runId: string): Result<Run> {
    const row = this.#core.tables.runs.get(runId);
    return row === null ? refuse("not_found") : ok(viewRun(this.#core.owner().projectId, row));
  }
}
