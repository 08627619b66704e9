// A clock that stands still: what counts in windows of time must not see one end in the middle of a test.
import { onTestFinished, vi } from "vitest";

/** Stops `Date` for the rest of this test. Timers go on. */
export const stopClock = (): void => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  onTestFinished(() => void vi.useRealTimers());
};
