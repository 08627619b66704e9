// What travels through the queue. At least once: every job is harmless when repeated.
import { z } from "zod";
import { idOf } from "./ids.ts";

const whose = { project_id: idOf("project"), owner_id: idOf("user") };

/** Work that may also be asked for later, by an appointment or an outside clock. */
export const Task = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("anchor"), ...whose, seq: z.int(), hash: z.string(), at: z.string() }),
  z.object({ kind: z.literal("anchor_sweep"), ...whose }),
  /** The account-wide read side is to ask the space for what it does not have yet. */
  z.object({ kind: z.literal("projection"), ...whose }),
  /** How the project stands is to be kept for the day that is. */
  z.object({ kind: z.literal("snapshot"), ...whose }),
  /** Look at a schedule: it may be due. With `replan`, its timekeeper is told its time anew. */
  z.object({ kind: z.literal("schedule_due"), ...whose, schedule_id: idOf("schedule"), replan: z.boolean() }),
  /** Agents are to be forgotten with what they knew: the contexts of those that are gone are cleared. */
  z.object({
    kind: z.literal("context_clear"),
    ...whose,
    agents: z.array(z.object({ id: idOf("agent"), name: z.string() })),
  }),
]);
/** A piece of work. */
export type Task = z.infer<typeof Task>;

/** A task whose time has come by a space's own clock. The space sends it again until it is told that it was done. */
const Appointment = z.object({
  kind: z.literal("appointment"),
  ...whose,
  appointment_id: z.string(),
  due_at: z.int(),
  task: Task,
});

export const Job = z.discriminatedUnion("kind", [Task, Appointment]);
/** A queue message. */
export type Job = z.infer<typeof Job>;
