// Buttons. One that is busy says so, keeps its place and takes no second click.
import type { ComponentProps, ReactNode } from "react";
import { cx } from "./class-names.ts";
import { Spinner } from "./spinner.tsx";
import { Tooltip } from "./tooltip.tsx";

const LOOK = {
  primary: "bg-fill text-white hover:bg-fill-hover",
  plain: "border border-line-strong bg-raised text-ink hover:bg-hover",
  ghost: "text-ink-2 hover:bg-hover hover:text-ink",
  danger: "border border-line-strong bg-raised text-danger hover:bg-danger-soft",
} as const;

const SIZE = { sm: "h-7 px-2.5 text-xs gap-1.5", md: "h-8 px-3 text-sm gap-2", lg: "h-10 px-4 text-sm gap-2" } as const;

/** How a button looks. */
export type ButtonLook = keyof typeof LOOK;

interface Shape {
  readonly look?: ButtonLook;
  readonly size?: keyof typeof SIZE;
}

/** The classes of a button, for links that look like one. */
export const buttonClass = ({ look = "plain", size = "md" }: Shape = {}, more?: string): string =>
  cx(
    "inline-flex shrink-0 items-center justify-center rounded-md font-medium whitespace-nowrap select-none transition-colors",
    "disabled:pointer-events-none disabled:opacity-55",
    LOOK[look],
    SIZE[size],
    more,
  );

/** A button. */
export const Button = ({
  look,
  size,
  busy = false,
  icon,
  children,
  className,
  ...rest
}: ComponentProps<"button"> & Shape & { readonly busy?: boolean; readonly icon?: ReactNode }) => (
  <button
    type="button"
    {...rest}
    disabled={rest.disabled === true || busy}
    aria-busy={busy || undefined}
    className={buttonClass({ ...(look && { look }), ...(size && { size }) }, className)}
  >
    {busy ? <Spinner /> : icon}
    {children}
  </button>
);

/** The classes of a button that is only an icon, for links that look like one. */
export const ICON_BUTTON = cx(
  "inline-flex size-7 shrink-0 items-center justify-center rounded-md text-ink-3 transition-colors",
  "hover:bg-hover hover:text-ink disabled:pointer-events-none disabled:opacity-45 [&_svg]:size-4",
);

/** A button that is only an icon; its label is read out, and shown when the pointer rests on it. */
export const IconButton = ({
  label,
  className,
  children,
  ...rest
}: ComponentProps<"button"> & { readonly label: string }) => (
  <Tooltip text={label}>
    <button type="button" aria-label={label} {...rest} className={cx(ICON_BUTTON, className)}>
      {children}
    </button>
  </Tooltip>
);
