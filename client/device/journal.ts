// What the device remembers of its writes: a file of JSON lines, each durable before the next step is taken. A call that is
// sent again after any crash gets its recorded outcome and is never carried out twice. Three marks per write:
//   started  - about to touch the disk; so far nothing is visible
//   staged   - the content lies beside its target; from here on the rename may have happened
//   done     - the outcome
// Reads are not remembered: they change nothing, and what they read should not be copied into a file of ours.
import { type FileHandle, open, readFile, rename } from "node:fs/promises";
import { z } from "zod";
import { DeviceResult } from "#schema/frames.ts";
import type { Outcome } from "./outcome.ts";

const Line = z.discriminatedUnion("mark", [
  z.object({
    mark: z.literal("started"),
    call_id: z.string(),
    hash: z.string(),
    content_hash: z.string(),
    deadline: z.string(),
  }),
  z.object({ mark: z.literal("staged"), call_id: z.string() }),
  z.object({ mark: z.literal("done"), call_id: z.string(), outcome: DeviceResult.shape.outcome }),
]);
type Line = z.infer<typeof Line>;

/** What is known of one write. */
export interface WriteRecord {
  readonly hash: string;
  readonly contentHash: string;
  readonly deadline: string;
  readonly state:
    | { readonly mark: "started" }
    | { readonly mark: "staged" }
    | { readonly mark: "done"; readonly outcome: Outcome };
}

// A call this long past its deadline is refused for being late, so its record is no longer needed.
const KEEP_MS = 7 * 24 * 3_600_000;

const evolve = (records: Map<string, WriteRecord>, line: Line): void => {
  if (line.mark === "started") {
    records.set(line.call_id, {
      hash: line.hash,
      contentHash: line.content_hash,
      deadline: line.deadline,
      state: { mark: "started" },
    });
    return;
  }
  const known = records.get(line.call_id);
  if (known === undefined) return;
  records.set(line.call_id, {
    ...known,
    state: line.mark === "done" ? { mark: "done", outcome: line.outcome } : { mark: "staged" },
  });
};

const parseLines = (text: string, file: string): Map<string, WriteRecord> => {
  const records = new Map<string, WriteRecord>();
  const lines = text.split("\n");
  // What follows the last line break was being written when the machine stopped: its step had not been taken yet.
  lines.pop();
  lines.forEach((line, index) => {
    try {
      evolve(records, Line.parse(JSON.parse(line)));
    } catch {
      throw new Error(
        `The device's journal ${file} is damaged at line ${index + 1}; writes cannot be known to be new. Move the file away to start over.`,
      );
    }
  });
  return records;
};

const linesOf = (records: ReadonlyMap<string, WriteRecord>): string => {
  const lines: Line[] = [];
  for (const [call_id, { hash, contentHash, deadline, state }] of records) {
    lines.push({ mark: "started", call_id, hash, content_hash: contentHash, deadline });
    if (state.mark === "staged") lines.push({ mark: "staged", call_id });
    if (state.mark === "done") lines.push({ mark: "done", call_id, outcome: state.outcome });
  }
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
};

/** The journal of one device. One process at a time may hold it open (see client/files/lock.ts). */
export class WriteJournal {
  readonly #file: FileHandle;
  readonly #records: Map<string, WriteRecord>;
  #length: number;
  #last: Promise<void> = Promise.resolve();

  private constructor(file: FileHandle, records: Map<string, WriteRecord>, length: number) {
    this.#file = file;
    this.#records = records;
    this.#length = length;
  }

  /** Reads the journal, drops what is too old to matter, and opens it for appending. */
  static async open(path: string, now: number = Date.now()): Promise<WriteJournal> {
    const text = await readFile(path, "utf8").catch((error: unknown) => {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
      throw error;
    });
    const records = parseLines(text, path);
    for (const [id, record] of records) {
      const deadline = Date.parse(record.deadline);
      if (record.state.mark === "done" && deadline < now - KEEP_MS) records.delete(id);
    }
    // Rewritten whole, beside and by rename, so a torn last line is gone and a crash here loses nothing.
    const fresh = await open(`${path}.new`, "w", 0o600);
    await fresh.writeFile(linesOf(records));
    await fresh.sync();
    await fresh.close();
    await rename(`${path}.new`, path);
    const file = await open(path, "a", 0o600);
    return new WriteJournal(file, records, (await file.stat()).size);
  }

  /** What is known of a call; undefined when it is new. */
  find(callId: string): WriteRecord | undefined {
    return this.#records.get(callId);
  }

  started(callId: string, hash: string, contentHash: string, deadline: string): Promise<void> {
    return this.#append({ mark: "started", call_id: callId, hash, content_hash: contentHash, deadline });
  }

  staged(callId: string): Promise<void> {
    return this.#append({ mark: "staged", call_id: callId });
  }

  done(callId: string, outcome: Outcome): Promise<void> {
    return this.#append({ mark: "done", call_id: callId, outcome });
  }

  async close(): Promise<void> {
    await this.#last.catch(() => {});
    await this.#file.close();
  }

  #append(line: Line): Promise<void> {
    const written = this.#last.then(async () => {
      const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
      try {
        await this.#file.appendFile(bytes);
        await this.#file.datasync();
      } catch (error) {
        // A full disk can leave half a line, and the next line must not be glued to it.
        await this.#file.truncate(this.#length).catch(() => {});
        throw error;
      }
      this.#length += bytes.length;
      evolve(this.#records, line);
    });
    // A failed append fails its own caller; the next one tries again.
    this.#last = written.catch(() => {});
    return written;
  }
}
