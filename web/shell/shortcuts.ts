// Keys that work everywhere: `?` for help, `/` for the field of the page, and one after the other, `g` and then a letter. Never
// while somebody is typing.

/** What a key press means. */
export interface KeyPress {
  readonly key: string;
  readonly mod: boolean;
  /** True in a field, where letters are letters. */
  readonly typing: boolean;
  readonly at: number;
}

/** What was pressed before: `g`, and when. */
export type Pending = { readonly key: string; readonly at: number } | null;

/** What is to be done. */
export type Shortcut = { readonly kind: "palette" | "help" | "field" } | { readonly kind: "go"; readonly key: string };

const PATIENCE_MS = 1_200;

/** The next state of the keys, and what to do now. */
export const pressKey = (
  pending: Pending,
  press: KeyPress,
): { readonly pending: Pending; readonly does?: Shortcut } => {
  if (press.mod)
    return press.key.toLowerCase() === "k" ? { pending: null, does: { kind: "palette" } } : { pending: null };
  if (press.typing) return { pending: null };
  if (pending?.key === "g" && press.at - pending.at < PATIENCE_MS)
    return { pending: null, does: { kind: "go", key: press.key } };
  if (press.key === "?") return { pending: null, does: { kind: "help" } };
  if (press.key === "/") return { pending: null, does: { kind: "field" } };
  return { pending: press.key === "g" ? { key: "g", at: press.at } : null };
};

/** Whether letters typed into this element belong to it. */
export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
