// Keyboard hints, in the words of the keyboard at hand.

const isApple = (): boolean => /Mac|iPhone|iPad/.test(navigator.userAgent);

const NAMES: Readonly<Record<string, readonly [string, string]>> = {
  mod: ["Ctrl", "⌘"],
  shift: ["Shift", "⇧"],
  enter: ["↵", "↵"],
  esc: ["Esc", "esc"],
};

/** Keys to be pressed: "mod k" together, "g c" one after the other. Read out where they are the matter itself. */
export const Keys = ({ keys, spoken = false }: { readonly keys: string; readonly spoken?: boolean }) => (
  <span className="inline-flex gap-0.5" aria-hidden={spoken ? undefined : true}>
    {keys.split(" ").map((key) => (
      <kbd
        key={key}
        className="inline-flex h-4.5 min-w-4.5 items-center justify-center rounded border border-line bg-surface px-1 font-sans text-2xs text-ink-3"
      >
        {NAMES[key]?.[isApple() ? 1 : 0] ?? key.toUpperCase()}
      </kbd>
    ))}
  </span>
);
