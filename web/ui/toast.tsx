// Short notices: what was done, what went wrong, and, where it can be undone, how. They stand at the head of the page, between
// its title and its buttons, and so lie over nothing one presses. On a phone they lie over the title, beside the way to the menu,
// and only the newest is seen: what is read and typed is below. They are read out, wait while the pointer is on them, and go by
// themselves.
import { X } from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";
import { explain } from "../app/explain.ts";
import { NewVersion, tellNewVersion } from "../app/new-version.ts";
import { Button, IconButton } from "./button.tsx";
import { cx } from "./class-names.ts";
import { type Toast, toasts } from "./toasts.ts";

const LASTS_MS = 5_000;
const LASTS_WITH_ACTION_MS = 9_000;

/** A word is read sooner than a sentence; what went wrong, and what can be taken back, is there for longer. */
const lastsMs = ({ text, tone, action }: Toast): number => {
  if (action !== undefined) return LASTS_WITH_ACTION_MS;
  return tone === "danger" ? LASTS_MS : Math.min(LASTS_MS, 2_000 + text.length * 50);
};

/** Says something briefly. */
export const toast = (text: string, action?: Toast["action"]): void =>
  toasts.add({ text, tone: "calm", ...(action === undefined ? {} : { action }) });

/** Says that something did not work. */
export const toastError = (error: unknown): void => {
  if (error instanceof NewVersion) return tellNewVersion();
  const { title, next } = explain(error);
  toasts.add({ text: `${title}. ${next}`, tone: "danger" });
};

const One = ({ toast }: { readonly toast: Toast }) => {
  const { id, text, tone, action } = toast;
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held || toast.stays) return;
    const timer = setTimeout(() => toasts.remove(toast.id), lastsMs(toast));
    return () => clearTimeout(timer);
  }, [toast, held]);
  return (
    <li
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      className="pointer-events-auto flex w-max max-w-[min(28rem,100vw-1.5rem)] animate-appear items-start gap-2 rounded-lg border border-line bg-raised py-2 pr-2 pl-3.5 shadow-float max-md:max-w-full max-md:py-0.5 max-md:not-last:hidden"
    >
      <p className={cx("min-w-0 flex-1 py-1 text-sm break-words", tone === "danger" && "text-danger")}>{text}</p>
      {action === undefined ? null : (
        <Button
          look="ghost"
          size="sm"
          onClick={() => {
            action.run();
            toasts.remove(id);
          }}
        >
          {action.label}
        </Button>
      )}
      <IconButton label="Dismiss" onClick={() => toasts.remove(id)}>
        <X />
      </IconButton>
    </li>
  );
};

/** Where they appear; stands once on the page. */
export const Toasts = () => {
  const shown = useSyncExternalStore(toasts.subscribe, toasts.shown);
  return (
    <ol
      aria-live="polite"
      className="pointer-events-none fixed inset-x-0 top-1.5 z-50 grid grid-cols-1 justify-items-center gap-2 max-md:right-2 max-md:left-12 md:left-60"
    >
      {shown.map((one) => (
        <One key={one.id} toast={one} />
      ))}
    </ol>
  );
};
