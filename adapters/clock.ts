// The one place that asks what time it is. Everything else is handed a Clock.

/** Milliseconds since the epoch. */
export type Clock = () => number;

/** The real time. Workers freeze it during CPU work; nothing here measures with it. */
export const systemClock: Clock = () => Date.now();
