// The passphrase of what is kept sealed, for this tab and for as long as it is open: in this module's memory, in no storage, no
// address and no key of the query memory. Whoever signs out, or becomes somebody else, has none.

/** What was given. */
export interface GivenPassphrase {
  readonly words: string;
  /** Stands for it wherever something must know which one it was. */
  readonly nth: number;
  /** Whether it goes along with what is said in chats, so that agents can use what is sealed. */
  readonly inChats: boolean;
}

let given: GivenPassphrase | null = null;
let count = 0;
const listeners = new Set<() => void>();

const set = (next: GivenPassphrase | null): void => {
  given = next;
  for (const listener of listeners) listener();
};

/** This tab's passphrase. */
export const memoryPassphrase = {
  now: (): GivenPassphrase | null => given,
  subscribe: (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  /** It opens what is sealed from now on; whether it is used in chats stays as it was. */
  give: (words: string): void => set({ words, nth: ++count, inChats: given?.inChats ?? false }),
  bringToChats: (inChats: boolean): void => {
    if (given !== null) set({ ...given, inChats });
  },
  forget: (): void => set(null),
  /** What a message brings along. */
  forChats: (): { readonly memoryPassphrase?: string } => (given?.inChats ? { memoryPassphrase: given.words } : {}),
};
