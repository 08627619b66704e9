// Something is going on and nobody knows how long.
import { cx } from "./class-names.ts";

/** A small turning ring. */
export const Spinner = ({ className }: { readonly className?: string }) => (
  <svg viewBox="0 0 16 16" aria-hidden="true" className={cx("size-3.5 animate-spin", className)}>
    <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="2" opacity="0.25" />
    <path d="M8 2a6 6 0 0 1 6 6" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
  </svg>
);
