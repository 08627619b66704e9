// What will be there, in outline. It appears only when it takes longer than a blink.
import { cx } from "./class-names.ts";

/** One grey bar. */
export const Skeleton = ({ className }: { readonly className?: string }) => (
  <span aria-hidden="true" className={cx("block animate-breathe rounded-md bg-hover", className ?? "h-4 w-full")} />
);

const WIDTHS = ["w-3/5", "w-4/5", "w-2/3", "w-3/4", "w-1/2"];

/** Lines of a list or a text on their way. */
export const SkeletonLines = ({ count = 4, what = "Loading" }: { readonly count?: number; readonly what?: string }) => (
  <div role="status" className="appear-late grid gap-3 p-1">
    <span className="sr-only">{what}…</span>
    {Array.from({ length: count }, (_, index) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: lines without anything that tells them apart
      <Skeleton key={index} className={cx("h-4", WIDTHS[index % WIDTHS.length])} />
    ))}
  </div>
);
