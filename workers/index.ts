// The worker's entries: requests, the queue, the clock; and the classes of its objects.
import { callbackReceipts } from "#adapters/d1/callback-receipts.ts";
import { sweepThrottles } from "#adapters/d1/throttle.ts";
import { app } from "./app.ts";
import { tick } from "./cron.ts";
import { consume } from "./queue.ts";
import { enqueueIn, log, queueDeps, servicesOf } from "./services.ts";

export { AgentContext, UserMemory, UserMeter, WorkerSpace } from "#durable-objects/index.ts";

export default {
  fetch: app.fetch,

  queue: (batch, env) => consume(batch, queueDeps(env)),

  async scheduled(controller, env) {
    const services = servicesOf({ env });
    if (!services.ok)
      return log.error("tick_not_configured", { error_message: services.refusal.detail ?? services.refusal.code });
    const { db, sessions } = services.value;
    const enqueue = enqueueIn(env);
    const { sweep: sweepReceipts } = callbackReceipts(db);
    await tick(
      { db, sessions, log, enqueue, sweepThrottles: (before) => sweepThrottles(env.DB, before), sweepReceipts },
      controller.scheduledTime,
    );
  },
} satisfies ExportedHandler<Cloudflare.Env>;
