// Work that costs money, done within the user's budget: the worst case is reserved before it and what it cost is settled
// after it. One way for every kind of model call, so that a limit means the same everywhere.
import { ok, type Result, refuse } from "#schema/result.ts";
import { budgetExhausted } from "./budget.ts";
import type { SpendAlert, SpendMeter, SpendRequest } from "./spend-meter.ts";

/** What spending needs of the world. */
export interface SpendDeps {
  readonly meter: () => SpendMeter;
  /** Takes the thresholds a settlement passed; each is told once. */
  readonly alert: (alerts: readonly SpendAlert[]) => void;
  /** Holds the settlement, which nobody waits for. */
  readonly keepAlive: (work: Promise<void>) => void;
}

/** What came of the work, and what it cost. */
export interface Charged<T> {
  readonly value: T;
  readonly usd: number;
}

/** A reservation outlives its call's own deadline by this, ms. */
export const HOLD_GRACE_MS = 60_000;

/**
 * Reserves, works, settles. A worst case of nothing is not held against a limit. Refused: `budget_exhausted`, or
 * `budget_unreachable` when nobody knows whether there is money; then nothing is spent.
 */
export const withinBudget = async <T>(
  deps: SpendDeps,
  request: SpendRequest,
  work: () => Promise<Charged<T>>,
): Promise<Result<T>> => {
  if (request.usd === 0) return ok((await work()).value);
  const refused = await reserved(deps, request);
  if (!refused.ok) return refused;
  const { value, usd } = await work();
  settle(deps, request.key, usd);
  return ok(value);
};

const reserved = async (deps: SpendDeps, request: SpendRequest): Promise<Result<null>> => {
  try {
    const reservation = await deps.meter().reserve(request);
    return reservation.state === "reserved" ? ok(null) : { ok: false, refusal: budgetExhausted(reservation) };
  } catch {
    return refuse("budget_unreachable");
  }
};

// Not on the answer's path. A settlement that is lost leaves the worst case counted, never too little.
const settle = (deps: SpendDeps, key: string, usd: number): void => {
  deps.keepAlive(
    deps
      .meter()
      .settle(key, usd)
      .then(
        (alerts) => {
          if (alerts.length > 0) deps.alert(alerts);
        },
        () => {},
      ),
  );
};
