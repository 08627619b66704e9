// One user's meter: rate windows, ended credentials, idempotency claims, single-use tickets, cached directory rows and money.
// It belongs to the first user it serves and serves no other. What must survive is in rows; `admit`, which stands on the
// path of every request, touches memory only.
import { DurableObject } from "cloudflare:workers";
import type { Admission, AdmissionRequest, CacheSlot, Claim } from "#domain/auth/short-state.ts";
import { type Budget, type BudgetSettings, monthOf, type SpendUsage } from "#domain/billing/budget.ts";
import type { Forfeited, Reservation, SpendAlert, SpendRequest } from "#domain/billing/spend-meter.ts";
import { Answers } from "./answers.ts";
import { Claims } from "./claims.ts";
import { DirectoryCache } from "./directory-cache.ts";
import { type KeptWindow, RateWindows } from "./rate-windows.ts";
import { Revocations } from "./revocations.ts";
import { SpendLedger } from "./spend-ledger.ts";
import { Tickets } from "./tickets.ts";

const SWEEP_AFTER_MS = 15 * 60_000;

/** The object behind one user's short-lived state and money; reached through `embeddedShortState` and `spendMeter`. */
export class UserMeter extends DurableObject<Cloudflare.Env> {
  readonly #rates: RateWindows;
  readonly #revocations: Revocations;
  readonly #claims: Claims;
  readonly #tickets: Tickets;
  readonly #spending: SpendLedger;
  readonly #answers: Answers;
  readonly #directory = new DirectoryCache();
  #owner: string | undefined;
  #sweepPlanned = false;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    const { kv, sql } = ctx.storage;
    this.#owner = kv.get<string>("owner");
    this.#rates = new RateWindows(kv.get<ReadonlyMap<string, KeptWindow>>("rates"), (windows) => {
      void ctx.storage.put("rates", windows, { allowUnconfirmed: true });
    });
    this.#revocations = new Revocations(sql);
    this.#claims = new Claims(sql);
    this.#tickets = new Tickets(sql);
    this.#spending = new SpendLedger(ctx.storage);
    this.#answers = new Answers(sql);
  }

  admit(request: AdmissionRequest): Admission {
    this.#mustOwn(request.userId);
    const now = Date.now();
    const cache: Record<string, CacheSlot> = {};
    for (const key of request.want) cache[key] = this.#directory.get(key, now);
    return { rate: this.#rates.hit(request.rule, now), revoked: this.#revocations.any(request.revocable, now), cache };
  }

  revoke(userId: string, ids: readonly string[], untilEpochSeconds: number): void {
    this.#mustOwn(userId);
    this.#revocations.add(ids, untilEpochSeconds * 1000);
    this.#planSweep();
  }

  cachePut(userId: string, key: string, generation: number, value: string, ttlSeconds: number): void {
    this.#mustOwn(userId);
    this.#directory.put(key, generation, value, Date.now() + ttlSeconds * 1000);
  }

  cacheInvalidate(userId: string, keys: readonly string[]): void {
    this.#mustOwn(userId);
    this.#directory.invalidate(keys);
  }

  claim(userId: string, key: string, fingerprint: string, leaseSeconds: number, keepSeconds: number): Claim {
    this.#mustOwn(userId);
    this.#planSweep();
    return this.#claims.claim(key, fingerprint, leaseSeconds * 1000, keepSeconds * 1000, Date.now());
  }

  settle(userId: string, key: string, fingerprint: string, answer: string, keepSeconds: number): void {
    this.#mustOwn(userId);
    this.#planSweep();
    this.#claims.settle(key, fingerprint, answer, keepSeconds * 1000, Date.now());
  }

  release(userId: string, key: string, fingerprint: string): void {
    this.#mustOwn(userId);
    this.#claims.release(key, fingerprint);
  }

  issueTicket(userId: string, hash: string, payload: string, ttlSeconds: number): void {
    this.#mustOwn(userId);
    this.#tickets.issue(hash, payload, Date.now() + ttlSeconds * 1000);
    this.#planSweep();
  }

  redeemTicket(userId: string, hash: string): string | null {
    this.#mustOwn(userId);
    return this.#tickets.redeem(hash, Date.now());
  }

  reserveSpend(userId: string, request: SpendRequest): Reservation {
    this.#mustOwn(userId);
    this.#planSweep();
    return this.#spending.reserve(request, Date.now());
  }

  settleSpend(userId: string, key: string, usd: number): SpendAlert[] {
    this.#mustOwn(userId);
    return this.#spending.settle(key, usd, Date.now());
  }

  forfeitSpend(userId: string, keys: readonly string[]): Forfeited[] {
    this.#mustOwn(userId);
    return this.#spending.forfeit(keys, Date.now());
  }

  /** The settings, and the figures of the month that is. */
  budget(userId: string): Budget {
    this.#mustOwn(userId);
    return { settings: this.#spending.settings(), usage: this.usage(userId, null) };
  }

  setBudget(userId: string, changes: Partial<BudgetSettings>): Budget {
    this.#mustOwn(userId);
    this.#spending.change(changes);
    return this.budget(userId);
  }

  /** The figures of a month; null: of the month that is. */
  usage(userId: string, month: string | null): SpendUsage {
    this.#mustOwn(userId);
    const now = Date.now();
    return this.#spending.usage(month ?? monthOf(now), now);
  }

  recallAnswer(userId: string, key: string): string | null {
    this.#mustOwn(userId);
    return this.#answers.recall(key, Date.now());
  }

  keepAnswer(userId: string, key: string, answer: string, ttlSeconds: number): void {
    this.#mustOwn(userId);
    this.#answers.keep(key, answer, Date.now() + ttlSeconds * 1000);
    this.#planSweep();
  }

  /** Forgets everything that has run out, and comes back while something is left. */
  override async alarm(): Promise<void> {
    const now = Date.now();
    const expiries = [this.#revocations, this.#claims, this.#tickets, this.#spending, this.#answers].map((organ) =>
      organ.sweep(now),
    );
    const next = expiries.filter((expiry) => expiry !== null);
    this.#sweepPlanned = next.length > 0;
    if (this.#sweepPlanned) await this.ctx.storage.setAlarm(Math.max(now + SWEEP_AFTER_MS, Math.min(...next)));
  }

  // The name of the object already comes from the user id; this is the second lock on the same door.
  #mustOwn(userId: string): void {
    if (this.#owner === userId) return;
    if (this.#owner !== undefined) throw new Error("This meter belongs to another user");
    this.ctx.storage.kv.put("owner", userId);
    this.#owner = userId;
  }

  // Once a life, and never later than an earlier life had planned: an object that is woken often must still sweep.
  #planSweep(): void {
    if (this.#sweepPlanned) return;
    this.#sweepPlanned = true;
    void this.ctx.storage.getAlarm().then(async (planned) => {
      if (planned === null) await this.ctx.storage.setAlarm(Date.now() + SWEEP_AFTER_MS);
    });
  }
}
