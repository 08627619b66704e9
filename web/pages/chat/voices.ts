// What is being said right now: pieces of text that are live only. Some may be missing after a break, which is marked; an attempt
// may fail and void what it said; the stored words come in any case, and then nothing is left of this.
import { z } from "zod";
import type { LiveFrame } from "#schema/frames.ts";

/** One voice: the words so far, with a mark where some are missing, and how far it was heard. */
export interface Voice {
  readonly messageId: string;
  readonly text: string;
  readonly heard: number;
}

const MISSING = "… ";

/** By what is spoken of: a run's answer under the run's id, a step's words under the step's. */
export type Voices = ReadonlyMap<string, Voice>;

/** Nobody speaks. */
export const SILENCE: Voices = new Map();

const Delta = z.object({
  type: z.literal("message.delta"),
  run_id: z.string(),
  message_id: z.string(),
  offset: z.number(),
  text: z.string(),
});
const Discarded = z.object({ type: z.literal("message.discarded"), run_id: z.string(), message_id: z.string() });
const Progress = z.object({
  type: z.literal("step.progress"),
  run_id: z.string(),
  step_id: z.string(),
  attempt: z.number(),
  offset: z.number(),
  text: z.string(),
});
const Signal = z.discriminatedUnion("type", [Delta, Discarded, Progress]);

const heardPiece = (voices: Voices, key: string, messageId: string, offset: number, text: string): Voices => {
  const before = voices.get(key);
  // The beginning of another message, or of the same one told anew.
  const voice = before?.messageId === messageId && offset > 0 ? before : { messageId, text: "", heard: 0 };
  if (offset < voice.heard) return voices;
  // Somebody came in the middle, or the line broke: the rest is worth hearing all the same.
  const mark = offset > voice.heard ? MISSING : "";
  return new Map(voices).set(key, { ...voice, text: voice.text + mark + text, heard: offset + text.length });
};

const without = (voices: Voices, key: string): Voices => {
  if (!voices.has(key)) return voices;
  const next = new Map(voices);
  next.delete(key);
  return next;
};

/** The voices after a signal. */
export const hear = (voices: Voices, frame: LiveFrame): Voices => {
  const signal = Signal.safeParse(frame.data).data;
  switch (signal?.type) {
    case "message.delta":
      return heardPiece(voices, signal.run_id, signal.message_id, signal.offset, signal.text);
    case "message.discarded":
      return voices.get(signal.run_id)?.messageId === signal.message_id ? without(voices, signal.run_id) : voices;
    case "step.progress":
      return heardPiece(voices, signal.step_id, `${signal.step_id}#${signal.attempt}`, signal.offset, signal.text);
    case undefined:
      return voices;
  }
};

const Fallen = z.object({ run_id: z.string().nullish(), step_id: z.string().optional() });
const SILENCING: ReadonlySet<string> = new Set([
  "message.posted",
  "model.called",
  "model.failed",
  "step.completed",
  "step.failed",
  "step.cancelled",
  "run.completed",
  "run.failed",
  "run.cancelled",
]);

/** The voices after a stored event: what it says is kept needs no voice any more. */
export const settle = (voices: Voices, type: string, frame: LiveFrame): Voices => {
  if (voices.size === 0 || !SILENCING.has(type)) return voices;
  const about = Fallen.safeParse(frame.data).data;
  if (about === undefined) return voices;
  // A model call that ends with the answer itself is followed by the message at once: until then its words stay.
  if (type === "model.called" && frame.data.text === null) return voices;
  const ofStep = about.step_id === undefined ? voices : without(voices, about.step_id);
  return about.run_id ? without(ofStep, about.run_id) : ofStep;
};
