// Carries out calls, each once. A call that is sent again while it runs joins the running one; after it ended it gets the
// same outcome. Writes go one after the other and through the journal; reads run beside them, a few at a time.
import type { DeviceCall } from "#schema/frames.ts";
import type { Folder } from "./folder.ts";
import type { WriteJournal } from "./journal.ts";
import { judgeCall, judgeStart, type Owner, sha256, type Task } from "./judge-call.ts";
import { listDirectory } from "./list-directory.ts";
import { failed, type Outcome } from "./outcome.ts";
import { readFile } from "./read-file.ts";
import { recoverWrite } from "./recover-write.ts";
import { writeFile } from "./write-file.ts";

/** What the executor works with. */
export interface ExecutorParts {
  readonly folder: Folder;
  readonly journal: WriteJournal;
  readonly owner: Owner;
  readonly readOnly: boolean;
  readonly now?: () => number;
}

interface Known {
  readonly hash: string;
  readonly outcome: Promise<Outcome | null>;
}

const READS_AT_ONCE = 4;
const REMEMBERED_READS = 64;

/** Runs at most `places` pieces of work at once, in the order they came. */
class Gate {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(places: number) {
    this.#free = places;
  }

  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free === 0)
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    else this.#free--;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}

/** One device's hands. */
export class CallExecutor {
  readonly #parts: ExecutorParts;
  readonly #now: () => number;
  readonly #known = new Map<string, Known>();
  readonly #unbegun = new Set<string>();
  readonly #reads = new Gate(READS_AT_ONCE);
  readonly #writes = new Gate(1);

  constructor(parts: ExecutorParts) {
    this.#parts = parts;
    this.#now = parts.now ?? Date.now;
  }

  /** The call's outcome; null when it was cancelled before it began. Never throws: a defect is an outcome too. */
  async run(call: DeviceCall): Promise<Outcome | null> {
    const judged = judgeCall(call, this.#parts.owner);
    if (!judged.ok) return failed(judged.refusal);
    const known = this.#known.get(call.call_id);
    if (known !== undefined) return known.hash === call.arguments_hash ? known.outcome : this.#conflict();
    const task = judged.value;
    this.#unbegun.add(call.call_id);
    const outcome = (task.tool === "write_file" ? this.#writes : this.#reads).pass(async () => {
      if (!this.#unbegun.delete(call.call_id)) return null;
      try {
        return await this.#perform(call, task);
      } catch (error) {
        const what = error instanceof Error ? error.message : String(error);
        if (task.tool === "write_file")
          return {
            status: "indeterminate" as const,
            message: `The device failed in the middle of the call: ${what}`.slice(0, 2_000),
          };
        return failed({ code: "io_error", message: what });
      }
    });
    this.#known.set(call.call_id, { hash: call.arguments_hash, outcome });
    const ended = await outcome;
    this.#settle(call, task, ended);
    return ended;
  }

  /** Forgets a call that has not begun; true when there was one. */
  cancel(callId: string): boolean {
    return this.#unbegun.delete(callId);
  }

  #conflict(): Outcome {
    return failed({ code: "call_conflict", message: "This call id was used with other arguments" });
  }

  /** Writes are remembered by the journal, reads for a while, refusals and cancellations not at all. */
  #settle(call: DeviceCall, task: Task, outcome: Outcome | null): void {
    if (task.tool === "write_file" || outcome === null || outcome.status !== "succeeded") {
      this.#known.delete(call.call_id);
      return;
    }
    const [oldest] = this.#known.keys();
    if (this.#known.size > REMEMBERED_READS && oldest !== undefined && !this.#unbegun.has(oldest))
      this.#known.delete(oldest);
  }

  async #perform(call: DeviceCall, task: Task): Promise<Outcome> {
    const { folder, readOnly } = this.#parts;
    if (task.tool === "write_file") return this.#write(call, task);
    const start = judgeStart(call, task, readOnly, this.#now());
    if (!start.ok) return failed(start.refusal);
    return task.tool === "read_file" ? readFile(folder, task.path) : listDirectory(folder, task.path);
  }

  async #write(call: DeviceCall, task: Extract<Task, { tool: "write_file" }>): Promise<Outcome> {
    const { folder, journal, readOnly } = this.#parts;
    const record = journal.find(call.call_id);
    if (record !== undefined && record.hash !== call.arguments_hash) return this.#conflict();
    if (record?.state.mark === "done") return record.state.outcome;
    if (record !== undefined) {
      const recovered = await recoverWrite(folder, call.call_id, task.path, record);
      if (recovered !== "again") {
        await journal.done(call.call_id, recovered);
        return recovered;
      }
    }
    const start = judgeStart(call, task, readOnly, this.#now());
    if (!start.ok) return failed(start.refusal);
    await journal.started(call.call_id, call.arguments_hash, sha256(Buffer.from(task.content)), call.deadline);
    const outcome = await writeFile(folder, {
      callId: call.call_id,
      path: task.path,
      content: task.content,
      staged: () => journal.staged(call.call_id),
    });
    await journal.done(call.call_id, outcome);
    return outcome;
  }
}
