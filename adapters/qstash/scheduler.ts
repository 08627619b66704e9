// The outside hand of the scheduler: QStash keeps the schedules and calls our door. A schedule's id is its id there too, so to
// put it twice is to put it once. The SDK's dev mode is off by force: switched on by a stray variable it would talk to another
// server and use keys everybody knows.
import { Client, QstashError } from "@upstash/qstash";
import type { Scheduler, Timing } from "#domain/schedules/scheduler.ts";
import { fiveFields } from "#schema/cron.ts";
import type { Task } from "#schema/jobs.ts";

/** What the outside hand is made of. */
export interface QstashParts {
  readonly baseUrl: string;
  readonly token: string;
  /** Our door for callbacks. */
  readonly callbackUrl: string;
  readonly deadlineMs?: number;
}

const DEADLINE_MS = 4_000;
const RETRIES = 5;
const headers = { "content-type": "application/json" };

const within = async <T>(what: string, ms: number, work: Promise<T>): Promise<T> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`QStash did not answer within ${ms} ms: ${what}`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};

const tickOf = ({ id, projectId, ownerId }: Timing): Task => ({
  kind: "schedule_due",
  project_id: projectId,
  owner_id: ownerId,
  schedule_id: id,
  replan: false,
});

/** Time kept by QStash. */
export const qstashScheduler = (parts: QstashParts): Scheduler => {
  const { baseUrl, token, callbackUrl, deadlineMs = DEADLINE_MS } = parts;
  // A request that broke may have arrived: every one of ours is the same when it comes twice.
  const retry = { retries: 2, backoff: (count: number) => 100 * 2 ** count };
  const client = new Client({ baseUrl, token, devMode: false, enableTelemetry: false, retry });

  return {
    async put(timing) {
      await within(
        "put",
        deadlineMs,
        client.schedules.create({
          destination: callbackUrl,
          scheduleId: timing.id,
          cron: `CRON_TZ=${timing.timeZone} ${fiveFields(timing.cron)}`,
          body: JSON.stringify(tickOf(timing)),
          headers,
          retries: RETRIES,
        }),
      );
    },

    // It keeps ticking by itself.
    next: async () => undefined,

    async remove({ id }) {
      const gone = client.schedules.delete(id).catch((error: unknown) => {
        if (!(error instanceof QstashError && error.status === 404)) throw error;
      });
      await within("remove", deadlineMs, gone);
    },

    async delay(key, task, at) {
      await within(
        "delay",
        deadlineMs,
        client.publish({
          url: callbackUrl,
          // Never before its time: a part of a second is a whole one.
          notBefore: Math.ceil(at / 1000),
          deduplicationId: key,
          body: JSON.stringify(task),
          headers,
          retries: RETRIES,
        }),
      );
    },
  };
};
