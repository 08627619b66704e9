// A callback of the outside clock: proven by its signature, taken once, and done before it is answered for, so that what could
// not be done comes again.
import type { CallbackReceipts } from "#adapters/d1/callback-receipts.ts";
import { proveCallback } from "#adapters/qstash/signature.ts";
import { Task } from "#schema/jobs.ts";
import { ok, type Result, refuse } from "#schema/result.ts";
import type { QstashSettings } from "./config.ts";

/** What taking a callback needs of the world. */
export interface CallbackDeps {
  /** Null: nobody can prove anything here. */
  readonly settings: QstashSettings | null;
  readonly receipts: CallbackReceipts;
  readonly perform: (task: Task) => Promise<void>;
  readonly now: () => number;
}

const parsed = (body: Uint8Array): Task | null => {
  try {
    return Task.parse(JSON.parse(new TextDecoder().decode(body)));
  } catch {
    return null;
  }
};

/** Takes a callback. A repeat of one that was done does nothing. */
export const takeCallback = async (
  { settings, receipts, perform, now }: CallbackDeps,
  signature: string | undefined,
  body: Uint8Array,
): Promise<Result<{ ok: true; repeated: boolean }>> => {
  if (settings === null || signature === undefined) return refuse("signature_invalid");
  const { currentKey, nextKey, callbackUrl: url } = settings;
  const id = await proveCallback({ currentKey, nextKey, url }, signature, body, now());
  if (id === null) return refuse("signature_invalid");
  const task = parsed(body);
  if (task === null) return refuse("invalid_request", "the body is no task of this version");
  if (!(await receipts.take(id, now()))) return ok({ ok: true, repeated: true });
  try {
    await perform(task);
  } catch (error) {
    await receipts.release(id);
    throw error;
  }
  return ok({ ok: true, repeated: false });
};
