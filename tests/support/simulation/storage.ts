// An object's storage without the platform: the same SQLite, in memory, over Node's own. It outlives the lives of the object
// that uses it, and a life can be cut off after any of its transactions: whatever that life does later touches nothing.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from "node:sqlite";

const MIGRATIONS = join(import.meta.dirname, "../../../migrations/space");

/** Every statement that makes a space's tables, as they were released. */
const STATEMENTS = readdirSync(MIGRATIONS)
  .filter((name) => name.endsWith(".sql"))
  .sort()
  .map((name) => readFileSync(join(MIGRATIONS, name), "utf8").replaceAll("--> statement-breakpoint", ""));

/** What a life that was cut off meets when it goes on. */
export class Killed extends Error {
  override readonly name = "Killed";
}

/** The disk of one object. */
export class SimulatedDisk {
  readonly #db: DatabaseSync;
  readonly #prepared = new Map<string, ReturnType<DatabaseSync["prepare"]>>();
  /** When the object wants to be woken, epoch ms. */
  alarm: number | null = null;
  #life = 0;
  #commitsLeft = Number.POSITIVE_INFINITY;
  #inTransaction = false;

  constructor(migrated = true, path = ":memory:") {
    this.#db = new DatabaseSync(path);
    if (migrated) for (const statements of STATEMENTS) this.#db.exec(statements);
  }

  /** Ends the life that is, and begins the next. */
  begin(): DurableObjectStorage {
    this.#life += 1;
    this.#commitsLeft = Number.POSITIVE_INFINITY;
    return this.#storageOf(this.#life);
  }

  /** The life that is ends after so many more transactions. */
  killAfter(commits: number): void {
    this.#commitsLeft = commits;
  }

  /** True once the life that is was cut off. */
  get dead(): boolean {
    return this.#commitsLeft <= 0;
  }

  /** What stands on it, whoever lives. */
  look(query: string, ...bindings: readonly SQLInputValue[]): Record<string, SQLOutputValue>[] {
    return this.#db.prepare(query).all(...bindings);
  }

  close(): void {
    this.#db.close();
  }

  #mustLive(life: number): void {
    if (life !== this.#life || this.dead) throw new Killed();
  }

  #rows(life: number, query: string, bindings: readonly SQLInputValue[]): { rows: unknown[][]; names: string[] } {
    this.#mustLive(life);
    const known = this.#prepared.get(query);
    const statement = known ?? this.#db.prepare(query);
    if (known === undefined && !/replayed_|^\s*(create|drop)/i.test(query)) this.#prepared.set(query, statement);
    statement.setReturnArrays(true);
    const rows: unknown = statement.all(...bindings);
    if (!this.#inTransaction && /^\s*(insert|update|delete)/i.test(query)) this.#commitsLeft -= 1;
    return { rows: Array.isArray(rows) ? rows : [], names: statement.columns().map(({ name }) => name) };
  }

  #transaction<T>(life: number, body: () => T): T {
    this.#mustLive(life);
    if (this.#inTransaction) return body();
    this.#db.exec("begin");
    this.#inTransaction = true;
    try {
      const value = body();
      this.#db.exec("commit");
      this.#commitsLeft -= 1;
      return value;
    } catch (defect) {
      this.#db.exec("rollback");
      throw defect;
    } finally {
      this.#inTransaction = false;
    }
  }

  // Only what a space uses of the platform's storage.
  #storageOf(life: number): DurableObjectStorage {
    const kv = new Map<string, unknown>();
    const storage = {
      sql: {
        exec: (query: string, ...bindings: SQLInputValue[]) => {
          const { rows, names } = this.#rows(life, query, bindings);
          const objects = () =>
            rows.map((row) => Object.fromEntries(names.map((name, at): [string, unknown] => [name, row[at]])));
          return {
            rowsWritten: 0,
            raw: () => rows.values(),
            toArray: objects,
            one: () => {
              const [only] = objects();
              if (only === undefined || rows.length !== 1) throw new Error(`${rows.length} rows instead of one`);
              return only;
            },
            [Symbol.iterator]: () => objects().values(),
          };
        },
        databaseSize: 0,
      },
      kv: { get: (key: string) => kv.get(key), put: (key: string, value: unknown) => void kv.set(key, value) },
      transactionSync: <T>(body: () => T) => this.#transaction(life, body),
      getAlarm: async () => this.alarm,
      setAlarm: async (at: number) => {
        if (life === this.#life && !this.dead) this.alarm = at;
      },
    };
    // The one place that says: this stands for the platform.
    return storage as unknown as DurableObjectStorage;
  }
}
