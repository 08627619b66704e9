// Dialogs, by the browser's own <dialog>: it holds the focus, makes the page behind it inert, and closes with Escape. (The
// scripted kind locks scrolling with a style element, which the page's policy does not allow.)
import { X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { IconButton } from "./button.tsx";
import { cx } from "./class-names.ts";
import { PortalHome } from "./portal-home.ts";

interface Shape {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

const FIRST = ["input, textarea, select, footer button", "section[tabindex]"];

/** A modal surface without any furniture. `label` is what it is called. */
export const Modal = ({
  open,
  onClose,
  label,
  className,
  children,
}: Shape & { readonly label: string; readonly className?: string }) => {
  const ref = useRef<HTMLDialogElement>(null);
  const [home, setHome] = useState<HTMLElement | null>(null);
  useEffect(() => {
    const dialog = ref.current;
    if (dialog === null || !open) return;
    if (!dialog.open) dialog.showModal();
    // What is asked for, or else the harmless way out, or else the whole; never the cross in the corner, whose hint would take
    // the first Escape.
    FIRST.map((one) => dialog.querySelector<HTMLElement>(one))
      .find((one) => one !== null)
      ?.focus();
    setHome(dialog);
    return () => dialog.close();
  }, [open]);
  if (!open) return null;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it, by the browser itself
    <dialog
      ref={ref}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === ref.current) onClose();
      }}
      className={cx("max-w-none bg-transparent p-0 text-ink", className)}
    >
      <PortalHome value={home}>{children}</PortalHome>
    </dialog>
  );
};

/** A dialog with a title, and a place for its buttons. */
export const Dialog = ({
  open,
  onClose,
  title,
  wide = false,
  footer,
  children,
}: Shape & { readonly title: string; readonly wide?: boolean; readonly footer?: ReactNode }) => {
  const id = useId();
  return (
    <Modal open={open} onClose={onClose} label={title} className="m-auto w-full px-4">
      <section
        aria-labelledby={id}
        tabIndex={-1}
        className={cx(
          "mx-auto flex max-h-[min(85dvh,46rem)] w-full animate-appear flex-col rounded-xl border border-line bg-raised shadow-float outline-none",
          wide ? "max-w-3xl" : "max-w-md",
        )}
      >
        <header className="flex items-center justify-between gap-3 px-5 pt-4 pb-1">
          <h2 id={id} className="text-base font-semibold tracking-tight">
            {title}
          </h2>
          <IconButton label="Close" onClick={onClose} className="-mr-2">
            <X />
          </IconButton>
        </header>
        <div className="min-h-0 flex-1 overflow-y-auto px-5 py-3">{children}</div>
        {footer === undefined ? null : <footer className="flex justify-end gap-2 px-5 pt-1 pb-4">{footer}</footer>}
      </section>
    </Modal>
  );
};
