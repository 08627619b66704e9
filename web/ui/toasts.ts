// The notices that are shown now.

/** A notice. */
export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: "calm" | "danger";
  /** It goes when it is dismissed or acted on, and not by itself. */
  readonly stays?: true;
  readonly action?: { readonly label: string; readonly run: () => void };
}

const MOST = 3;
let next = 1;
let current: readonly Toast[] = [];
const listeners = new Set<() => void>();

const set = (value: readonly Toast[]): void => {
  current = value;
  for (const listener of listeners) listener();
};

/** The notices; the oldest gives way when there are too many. */
export const toasts = {
  add: (toast: Omit<Toast, "id">): void => set([...current, { ...toast, id: next++ }].slice(-MOST)),
  remove: (id: number): void => set(current.filter((one) => one.id !== id)),
  shown: (): readonly Toast[] => current,
  subscribe: (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
