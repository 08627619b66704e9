// Menus that drop down from a button. They leave the page behind them alone: holding it still would take a style element.
import { Check } from "lucide-react";
import { DropdownMenu as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { cx } from "./class-names.ts";
import { Keys } from "./keys.tsx";
import { usePortalHome } from "./portal-home.ts";

const ITEM =
  "flex h-8 items-center gap-2.5 rounded-md px-2 text-sm outline-none select-none data-[highlighted]:bg-hover data-[disabled]:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-ink-3";

/** A menu below its trigger. */
export const Menu = ({
  trigger,
  align = "start",
  wide = false,
  children,
}: {
  readonly trigger: ReactNode;
  readonly align?: "start" | "end";
  readonly wide?: boolean;
  readonly children: ReactNode;
}) => (
  <Radix.Root modal={false}>
    <Radix.Trigger asChild>{trigger}</Radix.Trigger>
    <Radix.Portal container={usePortalHome()}>
      <Radix.Content
        align={align}
        sideOffset={5}
        collisionPadding={8}
        className={cx(
          "z-50 max-h-(--radix-dropdown-menu-content-available-height) animate-appear overflow-y-auto rounded-lg border border-line bg-raised p-1 text-ink shadow-float",
          wide ? "w-64" : "min-w-44",
        )}
      >
        {children}
      </Radix.Content>
    </Radix.Portal>
  </Radix.Root>
);

/** One thing to do. */
export const MenuItem = ({
  icon,
  keys,
  danger = false,
  disabled = false,
  onSelect,
  children,
}: {
  readonly icon?: ReactNode;
  readonly keys?: string;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  readonly onSelect: () => void;
  readonly children: ReactNode;
}) => (
  <Radix.Item disabled={disabled} onSelect={onSelect} className={cx(ITEM, danger && "text-danger [&_svg]:text-danger")}>
    {icon}
    <span className="min-w-0 flex-1 truncate">{children}</span>
    {keys === undefined ? null : <Keys keys={keys} />}
  </Radix.Item>
);

/** One of several, with a mark at the one that is chosen. */
export const MenuChoice = ({
  chosen,
  icon,
  onSelect,
  children,
}: {
  readonly chosen: boolean;
  readonly icon?: ReactNode;
  readonly onSelect: () => void;
  readonly children: ReactNode;
}) => (
  <Radix.CheckboxItem checked={chosen} onSelect={onSelect} className={ITEM}>
    {icon}
    <span className="min-w-0 flex-1 truncate">{children}</span>
    <Radix.ItemIndicator>
      <Check />
    </Radix.ItemIndicator>
  </Radix.CheckboxItem>
);

/** A heading inside a menu. */
export const MenuHeading = ({ children }: { readonly children: ReactNode }) => (
  <Radix.Label className="truncate px-2 pt-1.5 pb-1 text-xs text-ink-3">{children}</Radix.Label>
);

/** A line between groups. */
export const MenuLine = () => <Radix.Separator className="mx-1 my-1 h-px bg-line" />;
