// A meter at hand: a ledger asked by the clock of the test, as the user's own object asks it.
import type { SpendMeter } from "#domain/billing/spend-meter.ts";
import type { SpendLedger } from "#durable-objects/user-meter/spend-ledger.ts";

/** The meter that keeps this ledger. */
export const ledgerMeter = (ledger: SpendLedger): SpendMeter => ({
  reserve: async (request) => ledger.reserve(request, Date.now()),
  settle: async (key, usd) => ledger.settle(key, usd, Date.now()),
  forfeit: async (keys) => ledger.forfeit(keys, Date.now()),
});
