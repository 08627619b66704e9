// A page's frame: its head with a title and what can be done, and its body.
import { Menu as MenuIcon } from "lucide-react";
import type { ReactNode } from "react";
import { useOpenDrawer } from "../shell/drawer.ts";
import { TabTitle, WaitingMark } from "../shell/waiting-mark.tsx";
import { IconButton } from "./button.tsx";
import { cx } from "./class-names.ts";

/** The head of a page; it also holds the way to the sidebar on a phone. */
export const PageHead = ({ title, children }: { readonly title: string; readonly children?: ReactNode }) => {
  const openDrawer = useOpenDrawer();
  return (
    <header className="flex h-12 shrink-0 items-center gap-2 border-b border-line px-4 max-md:px-2.5">
      <TabTitle title={title} />
      <span className="md:hidden">
        <IconButton label="Menu" onClick={openDrawer}>
          <MenuIcon />
        </IconButton>
      </span>
      <h1 className="min-w-0 flex-1 truncate text-sm font-semibold tracking-tight">{title}</h1>
      <WaitingMark />
      {children}
    </header>
  );
};

/** A page that scrolls as a whole. */
export const Page = ({
  title,
  actions,
  narrow = false,
  children,
}: {
  readonly title: string;
  readonly actions?: ReactNode;
  readonly narrow?: boolean;
  readonly children: ReactNode;
}) => (
  <>
    <PageHead title={title}>{actions}</PageHead>
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className={cx("mx-auto w-full px-6 py-6 max-md:px-4", narrow ? "max-w-2xl" : "max-w-5xl")}>{children}</div>
    </div>
  </>
);
