// What stands beside a page about one thing of it; over the page where there is no room.
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { IconButton } from "./button.tsx";

/** The panel. `label` is what it is called, `head` what its head says, `actions` stand before the cross. */
export const SidePanel = ({
  label,
  head,
  actions,
  onClose,
  children,
}: {
  readonly label: string;
  readonly head?: ReactNode;
  readonly actions?: ReactNode;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) => (
  <aside
    aria-label={label}
    className="flex w-[26rem] shrink-0 animate-appear flex-col border-l border-line bg-surface max-lg:fixed max-lg:inset-y-0 max-lg:right-0 max-lg:z-20 max-lg:w-full max-lg:max-w-[26rem] max-lg:shadow-float"
  >
    <header className="flex h-12 shrink-0 items-center gap-1 border-b border-line pr-2 pl-4">
      <h2 className="min-w-0 flex-1 truncate text-sm font-semibold">{head ?? label}</h2>
      {actions}
      <IconButton label="Close" onClick={onClose}>
        <X />
      </IconButton>
    </header>
    <div className="min-h-0 flex-1 overflow-y-auto">{children}</div>
  </aside>
);

/** A part of it, under a heading. */
export const PanelPart = ({ title, children }: { readonly title: string; readonly children: ReactNode }) => (
  <section className="grid grid-cols-1 gap-2 border-t border-line px-4 py-3">
    <h3 className="text-xs font-semibold text-ink-2">{title}</h3>
    {children}
  </section>
);
