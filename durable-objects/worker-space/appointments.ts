// What the space was asked to bring up at a time. When it is due its task goes to the queue; the row stays, and is sent again,
// until whoever did it has said so: a queue may forget, a row does not.
import { type Job, Task } from "#schema/jobs.ts";
import type { Core } from "./core.ts";
import type { AppointmentCommand } from "./timekeeping-door.ts";

/** How long after sending it is sent again, ms; doubled every time, for what fails is not helped by haste. */
const AGAIN_MS = 60_000;
const LONGEST_MS = 3_600_000;
const MOST_AT_ONCE = 100;

export class Appointments {
  readonly #core: Pick<Core, "tables" | "now" | "owner">;
  readonly #send: (job: Job) => Promise<void>;
  /** When to look next, epoch ms. The object is the table's only writer, so this is what the table says. */
  #next: number | null;

  constructor(core: Pick<Core, "tables" | "now" | "owner">, send: (job: Job) => Promise<void>) {
    this.#core = core;
    this.#send = send;
    this.#next = this.#earliest();
  }

  /** When the next one is due, epoch ms. */
  due(): number | null {
    return this.#next;
  }

  /** Keeps an appointment; one of the same id takes the place of the one before. */
  put({ id, due_at, task }: AppointmentCommand): void {
    const payload = { due_at, task };
    this.#core.tables.appointments.put({ id, kind: task.kind, dueAt: due_at, payload, state: "pending", attempts: 0 });
    this.#next = this.#earliest();
  }

  /** It was done: it goes, unless it was appointed anew since. */
  confirm(id: string, dueAt: number): void {
    const row = this.#core.tables.appointments.get(id);
    if (row?.state === "sent" && row.payload.due_at === dueAt) this.dismiss(id);
  }

  dismiss(id: string): void {
    this.#core.tables.appointments.delete(id);
    this.#next = this.#earliest();
  }

  /** Forgets all of them but the clearing up: the project was deleted. */
  dismissAll(): void {
    this.#core.tables.sql.exec("delete from appointments where kind <> 'context_clear'");
    this.#next = this.#earliest();
  }

  /** Sends whatever is due. That it is to be sent again is written before it is sent, so a queue that refuses is asked again. */
  async sendDue(): Promise<void> {
    const { tables, now, owner } = this.#core;
    if (this.#next === null || this.#next > now()) return;
    const { projectId, userId } = owner();
    const jobs: Job[] = [];
    for (const row of tables.appointments.find("where due_at <= ? order by due_at limit ?", now(), MOST_AT_ONCE)) {
      const task = Task.safeParse(row.payload.task);
      // A task no version understands any more is nobody's to do.
      if (!task.success) {
        tables.appointments.delete(row.id);
        continue;
      }
      const again = Math.min(LONGEST_MS, AGAIN_MS * 2 ** Math.min(row.attempts, 10));
      tables.appointments.put({ ...row, state: "sent", attempts: row.attempts + 1, dueAt: now() + again });
      const due_at = Number(row.payload.due_at);
      const whose = { project_id: projectId, owner_id: userId };
      jobs.push({ kind: "appointment", ...whose, appointment_id: row.id, due_at, task: task.data });
    }
    this.#next = this.#earliest();
    await Promise.allSettled(jobs.map((job) => this.#send(job)));
  }

  #earliest(): number | null {
    const [first] = this.#core.tables.sql.exec<{ at: number | null }>("select min(due_at) as at from appointments");
    return first?.at ?? null;
  }
}
