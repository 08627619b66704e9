// On whose account memory works: that of the project which wrote last. Its space counts what vectors took, as it counts its
// own calls, and is told of the thresholds they passed.
import type { SpendAlert, SpendMeter } from "#domain/billing/spend-meter.ts";
import type { SpendDeps } from "#domain/billing/within-budget.ts";
import type { MemoryPayer } from "#domain/memory/port.ts";
import type { UserId } from "#schema/ids.ts";
import type { SpaceCaller } from "#schema/principal.ts";
import type { ModelUsed, SpaceDoor } from "../worker-space/door.ts";

const PAYER = "payer";

/** Where the money is, and whoever counts it. */
export interface AccountHands {
  readonly meterOf: (userId: UserId) => SpendMeter;
  readonly spaceOf: (caller: SpaceCaller) => Pick<SpaceDoor, "modelUsed">;
}

export class MemoryAccount {
  readonly #ctx: DurableObjectState;
  readonly #hands: AccountHands;
  readonly #owner: () => UserId;

  constructor(ctx: DurableObjectState, hands: AccountHands, owner: () => UserId) {
    this.#ctx = ctx;
    this.#hands = hands;
    this.#owner = owner;
  }

  /** Null: nobody has written yet. */
  get payer(): MemoryPayer | null {
    return this.#ctx.storage.kv.get<MemoryPayer>(PAYER) ?? null;
  }

  /** From now on it is this project's account. */
  note(payer: MemoryPayer): void {
    const known = this.payer;
    if (known?.projectId === payer.projectId && known.monthlyLimitUsd === payer.monthlyLimitUsd) return;
    this.#ctx.storage.kv.put<MemoryPayer>(PAYER, payer);
  }

  /** The user's money, for this payer. */
  spendOf(payer: MemoryPayer): SpendDeps {
    return {
      meter: () => this.#hands.meterOf(this.#owner()),
      alert: (alerts) => this.tell(payer, null, alerts),
      keepAlive: (work) => this.#ctx.waitUntil(work),
    };
  }

  /** Tells the payer's space what was used. Nobody waits for it, and a space that is gone counts no more. */
  tell({ projectId }: MemoryPayer, used: ModelUsed | null, alerts: readonly SpendAlert[]): void {
    if (used === null && alerts.length === 0) return;
    const caller = { user_id: this.#owner(), project_id: projectId };
    this.#ctx.waitUntil(
      this.#hands
        .spaceOf(caller)
        .modelUsed(caller, used, alerts)
        .then(
          () => {},
          () => {},
        ),
    );
  }
}
