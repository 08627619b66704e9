// Tables: a head, rows, and sideways scrolling of their own where the screen is narrow.
import type { ComponentProps, ReactNode } from "react";
import { cx } from "./class-names.ts";

/** A table; `label` is what it is called. */
export const Table = ({
  label,
  head,
  children,
}: {
  readonly label: string;
  /** Null stands over what can be done with a row. */
  readonly head: readonly (string | null)[];
  readonly children: ReactNode;
}) => (
  <section aria-label={label} className="overflow-x-auto rounded-lg border border-line">
    <table className="w-full border-collapse text-sm">
      <thead>
        <tr className="border-b border-line bg-surface text-left text-xs text-ink-3">
          {head.map((cell, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: columns do not move
            <th key={index} scope="col" className="px-3 py-2 font-medium whitespace-nowrap">
              {cell ?? <span className="sr-only">What to do</span>}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  </section>
);

/** A row. */
export const Row = ({ className, ...rest }: ComponentProps<"tr">) => (
  <tr {...rest} className={cx("border-b border-line last:border-0 hover:bg-surface", className)} />
);

/** A cell. */
export const Cell = ({ className, ...rest }: ComponentProps<"td">) => (
  <td {...rest} className={cx("px-3 py-2 align-top", className)} />
);
